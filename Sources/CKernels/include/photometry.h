// Comparison of two frames along a flow.
#pragma once

#include <stdint.h>

#include "warp.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Side of the cells that are compared as one.
enum { KERNEL_CELL = 4 };

/// The lowest and the highest of the up to 3x3 samples around each pixel, for rows first..<end.
void kernel_envelope(const uint8_t *source, int width, int height, uint8_t *low, uint8_t *high, int first, int end);

/// Sets the certainty of a cell to 0 if a quarter of its pixels are lower than `low` + `below`, or higher than `high` +
/// `above`, at the place to which the flow leads; for the cells whose first row is in first..<end, a multiple of
/// KERNEL_CELL. Places outside of the frame are clamped to it.
void kernel_reject_mismatches(kernel_flow flow, const uint8_t *luma, const uint8_t *low, const uint8_t *high,
                              int below, int above, float *certainty, int first, int end);

/// A rectangle of at most 16 columns, inside of its frame.
typedef struct {
    int left, top, columns, rows;
} kernel_rectangle;

/// The sum of the squared differences of a rectangle of `luma` from `last`, displaced by (x, y) and interpolated linearly.
/// Stops after the first row with which it is above `most`. Both frames have `width` * `height` samples. The displaced
/// rectangle must be inside of the frame, and the column and row after it too if the displacement is no whole number.
float kernel_displaced_error(const uint8_t *luma, const uint8_t *last, int width, int height, kernel_rectangle place,
                             float x, float y, float most);

#ifdef __cplusplus
}
#endif
