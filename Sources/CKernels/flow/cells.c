// Statistics of cells, and flow that is moved towards that of cells. In C because it reads every pixel of every frame.
#include "cells.h"

#include "flow_math.h"
#include "kernel_assert.h"

#define VARIANT_SOURCE "cells_variant.h"
#include "variants.h"

void kernel_cell_facts(const flow_level *level, kernel_cells cells, float *luma, float *tensors, int first, int end) {
    KERNEL_ASSERT(cells.side <= FLOW_CELL);
    DISPATCH(cell_facts, level, cells, luma, tensors, first, end);
}

void kernel_cell_errors(const flow_level *from, const flow_level *to, kernel_cells cells, const float *shifts,
                        float *errors, int first, int end) {
    KERNEL_ASSERT(cells.side <= FLOW_CELL);
    DISPATCH(cell_errors, from, to, cells, shifts, errors, first, end);
}

void kernel_blend_cells(const float *cells, int columns, int rows, float *u, float *v, int width, int first, int end) {
    DISPATCH(blend_cells, cells, columns, rows, u, v, width, first, end);
}
