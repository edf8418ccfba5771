// Resampling along rows and columns. In C because Swift cannot compile single functions for wider vector instructions.
#include "image.h"

#define VARIANT_SOURCE "resample_variant.h"
#include "variants.h"

void kernel_mix_rows(const float *rows, ptrdiff_t stride, const float *weights, int count, int width, float *line) {
    DISPATCH(mix_rows, rows, stride, weights, count, width, line);
}

void kernel_mix_columns(const float *line, const int *first, const float *weights, int taps, int width, float *target) {
    DISPATCH(mix_columns, line, first, weights, taps, width, target);
}

void kernel_interpolate_columns(const float *line, const int *first, const float *weights, int width, float *target) {
    DISPATCH(interpolate_columns, line, first, weights, width, target);
}
