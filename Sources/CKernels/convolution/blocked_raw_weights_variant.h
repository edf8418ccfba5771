// Convolution with untransformed 3x3 weights: the weight transform, and the stages for weights larger than the caches.

/// One dimension of the weight transform of F(4x4, 3x3): three taps to six points.
///
///           |  1/4    0     0  |
///           | -1/6  -1/6  -1/6 |
///     G  =  | -1/6   1/6  -1/6 |
///           | 1/24  1/12   1/6 |
///           | 1/24 -1/12   1/6 |
///           |   0     0     1  |
INLINE void VARIANT(transform_taps)(f32x16 first, f32x16 middle, f32x16 last, f32x16 *out) {
    f32x16 ends = first + last, far_ends = first + last * 4;
    out[0] = first * 0.25f;
    out[1] = (ends + middle) * (-1 / 6.0f);
    out[2] = (ends - middle) * (-1 / 6.0f);
    out[3] = (far_ends + middle * 2) * (1 / 24.0f);
    out[4] = (far_ends - middle * 2) * (1 / 24.0f);
    out[5] = last;
}

/// Gathers the nine taps from source channel `channel` to the 16 channels of target block `block`.
INLINE void VARIANT(gather_taps)(const blocked_raw_weights *raw, int block, int channel, float taps[9][LANES]) {
    ptrdiff_t inputs = raw->inputs;
    if (!raw->is_backward) {
        const float *from = raw->weight + (block * LANES * inputs + channel) * 9;
        for (int lane = 0; lane < LANES; lane++, from += inputs * 9)
            for (int t = 0; t < 9; t++) taps[t][lane] = from[t];
        return;
    }
    const float *from = raw->weight + (channel * inputs + block * LANES) * 9;
    int lanes = smaller(LANES, (int)inputs - block * LANES);
    if (lanes < LANES) memset(taps, 0, 9 * LANES * sizeof(float));
    for (int lane = 0; lane < lanes; lane++, from += 9)
        for (int t = 0; t < 9; t++) taps[t][lane] = from[8 - t];
}

/// Transforms the weights from source channels first ..< last to one target block: [point][channel][16], with the
/// points `point` floats apart.
static void VARIANT(transform_weights)(const blocked_raw_weights *raw, int block, int first, int last, float *output,
                                       ptrdiff_t point) {
    for (int channel = first; channel < last; channel++) {
        float taps[9][LANES] __attribute__((aligned(64)));
        f32x16 half[3][6];
        VARIANT(gather_taps)(raw, block, channel, taps);
#pragma clang loop unroll(full)
        for (int x = 0; x < 3; x++)
            VARIANT(transform_taps)(load(taps[x]), load(taps[3 + x]), load(taps[6 + x]),
                                    half[x]);
        float *to = output + (ptrdiff_t)channel * LANES;
#pragma clang loop unroll(full)
        for (int i = 0; i < 6; i++) {
            f32x16 line[6];
            VARIANT(transform_taps)(half[0][i], half[1][i], half[2][i], line);
#pragma clang loop unroll(full)
            for (int j = 0; j < 6; j++) store(to + (6 * i + j) * point, line[j]);
        }
    }
}

/// The input transform of the stage's tiles, for one block of channels.
static void VARIANT(transform_stage)(const stage_call *call, int block) {
    VARIANT(transform_tiles)(call->source, block, call->tile, call->first, call->count,
                             call->work + (ptrdiff_t)block * call->count * LANES, call->input_point);
}

/// One or two output blocks of the stage's tiles: weight transform, products, output transform.
static void VARIANT(multiply_stage)(const stage_call *call, int pair, float *scratch) {
    int channels = call->kernel->inputs, blocks = blocks_of(channels), count = call->count;
    int block = pair * VARIANT_GROUP, group = smaller(VARIANT_GROUP, call->target->blocks - block);
    ptrdiff_t weight_point = point_stride(channels), weight_block = 36 * weight_point;
    ptrdiff_t output_point = point_stride(group * count);
    float *weights = scratch, *output = scratch + VARIANT_GROUP * weight_block;
    ptrdiff_t *segments = (ptrdiff_t *)(output + 36 * output_point);
    for (int b = 0; b < blocks; b++) segments[b] = (ptrdiff_t)b * count * LANES;
    for (int g = 0; g < group; g++)
        VARIANT(transform_weights)(call->raw, block + g, 0, channels, weights + g * weight_block, weight_point);
    for (int p = 0; p < 36; p++)
        VARIANT(multiply)(count, group, call->work + p * call->input_point, segments, blocks, LANES, LANES,
                          weights + p * weight_point, weight_block, output + p * output_point,
                          (ptrdiff_t)count * LANES);
    for (int g = 0; g < group; g++)
        VARIANT(finish_tiles)(call->tile, call->target, block + g, call->first, count,
                              output + (ptrdiff_t)g * count * LANES, output_point, 0);
}
