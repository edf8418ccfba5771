// Minimum and median filters. In C because Swift cannot compile single functions for wider vector instructions.
#include "image.h"

#define VARIANT_SOURCE "filter_variant.h"
#include "variants.h"

void kernel_minimum_along_rows(const float *source, int width, int radius, float *line, float *target, int first,
                               int end) {
    DISPATCH(minimum_along_rows, source, width, radius, line, target, first, end);
}

void kernel_minimum_along_columns(const float *source, int width, int height, int radius, float *target, int first,
                                  int end) {
    DISPATCH(minimum_along_columns, source, width, height, radius, target, first, end);
}

void kernel_median(const float *const *rows, int width, int size, float *target) {
    DISPATCH(median, rows, width, size, target);
}
