// The GEMM micro-kernel of all convolutions: the products of a few pixels and output blocks, accumulated in registers.

/// `output[g][i]` = the sum over segments s and depths k of `input[segments[s] + i * stride + k] * weights[g][s][k]`,
/// for i < pixels and g < group. Outputs and weights are vectors of 16 floats.
INLINE void VARIANT(microkernel)(int pixels, int group, const float *input, const ptrdiff_t *segments,
                                 int segment_count, int depth, ptrdiff_t stride, const float *weights,
                                 ptrdiff_t weight_stride, float *output, ptrdiff_t output_stride) {
    f32x16 sums[MAXIMUM_PIXELS][MAXIMUM_GROUP];
#pragma clang loop unroll(full)
    for (int i = 0; i < pixels; i++)
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) sums[i][g] = (f32x16){0};
    for (int s = 0; s < segment_count; s++) {
        const float *from = input + segments[s];
#pragma clang loop unroll(disable)
        for (int k = 0; k < depth; k++, from++, weights += LANES) {
            f32x16 weight[MAXIMUM_GROUP];
#pragma clang loop unroll(full)
            for (int g = 0; g < group; g++) weight[g] = load(weights + g * weight_stride);
#pragma clang loop unroll(full)
            for (int i = 0; i < pixels; i++) {
                f32x16 value = broadcast(from[i * stride]);
#pragma clang loop unroll(full)
                for (int g = 0; g < group; g++) sums[i][g] += value * weight[g];
            }
        }
    }
#pragma clang loop unroll(full)
    for (int g = 0; g < group; g++)
#pragma clang loop unroll(full)
        for (int i = 0; i < pixels; i++) store(output + g * output_stride + i * LANES, sums[i][g]);
}

#define MULTIPLY_PARAMETERS                                                                                   \
    const float *input, const ptrdiff_t *segments, int segment_count, int depth, ptrdiff_t stride,            \
        const float *weights, ptrdiff_t weight_stride, float *output, ptrdiff_t output_stride
#define MULTIPLY_ARGUMENTS input, segments, segment_count, depth, stride, weights, weight_stride, output, output_stride
#define PIXEL_CASE(n) \
    case n: VARIANT(microkernel)(n, group, MULTIPLY_ARGUMENTS); break;

INLINE void VARIANT(microkernel_for)(int pixels, int group, MULTIPLY_PARAMETERS) {
    switch (pixels) {
        PIXEL_CASE(1)
        PIXEL_CASE(2)
#if VARIANT_PIXELS > 2
        PIXEL_CASE(3)
        PIXEL_CASE(4)
        PIXEL_CASE(5)
        PIXEL_CASE(6)
#endif
#if VARIANT_PIXELS > 6
        PIXEL_CASE(7)
        PIXEL_CASE(8)
        PIXEL_CASE(9)
        PIXEL_CASE(10)
        PIXEL_CASE(11)
        PIXEL_CASE(12)
        PIXEL_CASE(13)
        PIXEL_CASE(14)
#endif
    }
}

static __attribute__((noinline)) void VARIANT(multiply_one_block)(int pixels, MULTIPLY_PARAMETERS) {
    VARIANT(microkernel_for)(pixels, 1, MULTIPLY_ARGUMENTS);
}

#if VARIANT_GROUP > 1
static __attribute__((noinline)) void VARIANT(multiply_two_blocks)(int pixels, MULTIPLY_PARAMETERS) {
    VARIANT(microkernel_for)(pixels, 2, MULTIPLY_ARGUMENTS);
}
#endif

/// The same for any number of pixels, and one or two output blocks.
static void VARIANT(multiply)(int pixels, int group, MULTIPLY_PARAMETERS) {
    while (pixels > 0) {
        int now = pixels < VARIANT_PIXELS ? pixels : VARIANT_PIXELS;
        (void)group;  // where VARIANT_GROUP is 1
#if VARIANT_GROUP > 1
        if (group == 2)
            VARIANT(multiply_two_blocks)(now, MULTIPLY_ARGUMENTS);
        else
#endif
            VARIANT(multiply_one_block)(now, MULTIPLY_ARGUMENTS);
        pixels -= now;
        input += now * stride;
        output += now * LANES;
    }
}

#undef MULTIPLY_PARAMETERS
#undef MULTIPLY_ARGUMENTS
#undef PIXEL_CASE
