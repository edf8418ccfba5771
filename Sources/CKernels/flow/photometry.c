// Comparison of two frames along a flow. In C because it reads every pixel of every frame.
#include "photometry.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "kernel_assert.h"

#define VARIANT_SOURCE "photometry_variant.h"
#include "variants.h"

void kernel_envelope(const uint8_t *source, int width, int height, uint8_t *low, uint8_t *high, int first, int end) {
    DISPATCH(envelope, source, width, height, low, high, first, end);
}

void kernel_reject_mismatches(kernel_flow flow, const uint8_t *luma, const uint8_t *low, const uint8_t *high,
                              int below, int above, float *certainty, int first, int end) {
    DISPATCH(reject_mismatches, flow, luma, low, high, below, above, certainty, first, end);
}

float kernel_displaced_error(const uint8_t *luma, const uint8_t *last, int width, int height, kernel_rectangle place,
                             float x, float y, float most) {
    KERNEL_ASSERT(place.columns <= 16);
    float sum = 0;
    DISPATCH(displaced_error, luma, last, width, height, place, x, y, most, &sum);
    return sum;
}
