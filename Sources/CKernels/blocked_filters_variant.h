// Convolution with 3x3 weights as they come: their transformation to points in passing, and the cut for layers whose weights
// are larger than the caches.

/// One dimension of the weights' transformation: three taps to six points (see `evaluate` in blocked_weights.c).
INLINE void VARIANT(transform_taps)(vector first, vector middle, vector last, vector *out) {
    vector ends = first + last, far_ends = first + last * 4;
    out[0] = first * 0.25f;
    out[1] = (ends + middle) * (-1 / 6.0f);
    out[2] = (ends - middle) * (-1 / 6.0f);
    out[3] = (far_ends + middle * 2) * (1 / 24.0f);
    out[4] = (far_ends - middle * 2) * (1 / 24.0f);
    out[5] = last;
}

/// The nine taps from channel `channel` of the source to the 16 of block `block` of the target.
INLINE void VARIANT(gather_taps)(const blocked_filters *filters, int block, int channel, float taps[9][LANES]) {
    ptrdiff_t inputs = filters->inputs;
    if (!filters->is_backward) {
        const float *from = filters->weight + (block * LANES * inputs + channel) * 9;
        for (int lane = 0; lane < LANES; lane++, from += inputs * 9)
            for (int t = 0; t < 9; t++) taps[t][lane] = from[t];
        return;
    }
    const float *from = filters->weight + (channel * inputs + block * LANES) * 9;
    int lanes = smaller(LANES, (int)inputs - block * LANES);
    if (lanes < LANES) memset(taps, 0, 9 * LANES * sizeof(float));
    for (int lane = 0; lane < lanes; lane++, from += 9)
        for (int t = 0; t < 9; t++) taps[t][lane] = from[8 - t];
}

/// From source channels first ..< last to one block of the target: [point][channel][16], `point` floats apart.
static void VARIANT(transform_filters)(const blocked_filters *filters, int block, int first, int last, float *output,
                                       ptrdiff_t point) {
    for (int channel = first; channel < last; channel++) {
        float taps[9][LANES] __attribute__((aligned(64)));
        vector half[3][6];
        VARIANT(gather_taps)(filters, block, channel, taps);
#pragma clang loop unroll(full)
        for (int x = 0; x < 3; x++)
            VARIANT(transform_taps)(VARIANT(load)(taps[x]), VARIANT(load)(taps[3 + x]), VARIANT(load)(taps[6 + x]),
                                    half[x]);
        float *to = output + (ptrdiff_t)channel * LANES;
#pragma clang loop unroll(full)
        for (int i = 0; i < 6; i++) {
            vector line[6];
            VARIANT(transform_taps)(half[0][i], half[1][i], half[2][i], line);
#pragma clang loop unroll(full)
            for (int j = 0; j < 6; j++) VARIANT(store)(to + (6 * i + j) * point, line[j]);
        }
    }
}

/// One block of channels of the stage's tiles to points.
static void VARIANT(transform_stage)(const stage_call *call, int block) {
    VARIANT(transform_tiles)(call->source, block, call->tile, call->first, call->count,
                             call->work + (ptrdiff_t)block * call->count * LANES, call->input_point);
}

/// One or two blocks of output of the stage's tiles: their weights to points, products, and back.
static void VARIANT(multiply_stage)(const stage_call *call, int pair, float *scratch) {
    int channels = call->kernel->inputs, blocks = blocks_of(channels), count = call->count;
    int block = pair * VARIANT_GROUP, group = smaller(VARIANT_GROUP, call->target->blocks - block);
    ptrdiff_t weight_point = point_stride(channels), weight_block = 36 * weight_point;
    ptrdiff_t output_point = point_stride(group * count);
    float *weights = scratch, *output = scratch + VARIANT_GROUP * weight_block;
    ptrdiff_t *segments = (ptrdiff_t *)(output + 36 * output_point);
    for (int b = 0; b < blocks; b++) segments[b] = (ptrdiff_t)b * count * LANES;
    for (int g = 0; g < group; g++)
        VARIANT(transform_filters)(call->filters, block + g, 0, channels, weights + g * weight_block, weight_point);
    for (int p = 0; p < 36; p++)
        VARIANT(multiply)(count, group, call->work + p * call->input_point, segments, blocks, LANES, LANES,
                          weights + p * weight_point, weight_block, output + p * output_point,
                          (ptrdiff_t)count * LANES);
    for (int g = 0; g < group; g++)
        VARIANT(finish_tiles)(call->tile, call->target, block + g, call->first, count,
                              output + (ptrdiff_t)g * count * LANES, output_point, 0);
}
