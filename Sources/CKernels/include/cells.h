// Statistics of square cells of a pyramid level, and flow that is moved towards that of cells.
#pragma once

#include "flow_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A grid of cells over a level. The cells at the right and bottom may be cut; a cell beyond the level's last pixel has
/// that pixel.
typedef struct {
    int columns, rows;
    int side;  // 1, 2 or 4 pixels of the level
} kernel_cells;

/// For the cells of rows first..<end: the mean of the image, and the means of the gradients' products xx, xy, yy and 0.
/// `tensors` has four values for each cell.
void kernel_cell_facts(const flow_level *level, kernel_cells cells, float *luma, float *tensors, int first, int end);

/// For the cells of rows first..<end: the mean squared difference of `from` from `to`, displaced by the cell's (x, y) in
/// pixels of the level, which `shifts` has in pairs, and interpolated linearly. Beyond the edges they are repeated. Not
/// finite is far away.
void kernel_cell_errors(const flow_level *from, const flow_level *to, kernel_cells cells, const float *shifts,
                        float *errors, int first, int end);

/// Moves rows first..<end of a flow of `width` columns, of which each cell has FLOW_CELL x FLOW_CELL pixels, towards
/// that of the cells. `cells` has the vectors x, y, share (0: the flow is kept), 0, which are interpolated linearly
/// between the cells' centres.
void kernel_blend_cells(const float *cells, int columns, int rows, float *u, float *v, int width, int first, int end);

enum { FLOW_CELL = 4 };

#ifdef __cplusplus
}
#endif
