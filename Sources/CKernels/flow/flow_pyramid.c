// Pyramid, gradients and structure tensors of a frame, for the flow. In C for its vector types.
#include "flow_kernels.h"

#include "flow_math.h"

INLINE void copy_row(const flow_level *level, float *to, const float *from) {
    __builtin_memcpy(to - FLOW_MARGIN, from - FLOW_MARGIN, (size_t)level->stride * sizeof(float));
}

// The separable smoothing filter before downscaling by 2^shift. Close to a Gaussian with a sigma of half an output
// pixel: a box filter aliases, which costs a tenth of the accuracy.
static const uint16_t reducing_taps[3][8] = {{1, 6, 1}, {1, 3, 3, 1}, {1, 1, 3, 3, 3, 3, 1, 1}};
static const int reducing_lengths[3] = {3, 4, 8};

#define VARIANT_SOURCE "flow_pyramid_variant.h"
#include "variants.h"

void flow_reduce_luma(const uint8_t *luma, int width, int height, int shift, const flow_level *level, int first,
                      int last) {
    DISPATCH(flow_reduce_luma, luma, width, height, shift, level, first, last);
}

void flow_halve(const flow_level *fine, const flow_level *coarse, int first, int last) {
    DISPATCH(flow_halve, fine, coarse, first, last);
}

void flow_pad(const flow_level *level, int first, int last) { DISPATCH(flow_pad, level, first, last); }

void flow_gradients(const flow_level *level, int first, int last) { DISPATCH(flow_gradients, level, first, last); }

void flow_tensors(const flow_level *level, int first, int last) { DISPATCH(flow_tensors, level, first, last); }
