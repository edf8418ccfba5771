// Writing a convolution's output: the layout of sub-pixel convolution, and the fused epilogue.

/// Running moments, relative to a pivot (the first value) to avoid cancellation.
typedef struct {
    f32x16_unaligned pivot, sum, squares;
    int count;
} VARIANT(moments);

INLINE void VARIANT(add_to_moments)(VARIANT(moments) *moments, f32x16 value) {
    f32x16 difference = value - moments->pivot;
    moments->sum += difference;
    moments->squares += difference * difference;
    moments->count++;
}

static void VARIANT(store_moments)(const blocked_target *target, int chunk, int block, VARIANT(moments) moments) {
    if (!target->moments || moments.count == 0) return;
    float *to = target->moments + ((ptrdiff_t)chunk * target->blocks + block) * LANES * 2;
    f32x16 mean = moments.sum / (float)moments.count;
    f32x16 squared_deviations = moments.squares - mean * moments.sum;
    mean += moments.pivot;
    for (int lane = 0; lane < LANES; lane++) {
        to[2 * lane] = mean[lane];
        to[2 * lane + 1] = squared_deviations[lane];
    }
    if (block == 0) target->counts[chunk] = moments.count;
}

/// The destination of a computed block: its first value, and the strides in floats of rows and columns.
typedef struct {
    float *values;
    ptrdiff_t row, column;
} VARIANT(block_view);

static VARIANT(block_view) VARIANT(view_of_block)(const blocked_target *target, int block) {
    int upscale = target->upscale, blocks = target->blocks / (upscale * upscale);
    int phase = block / blocks;
    ptrdiff_t width = (ptrdiff_t)target->width * upscale, height = (ptrdiff_t)target->height * upscale;
    ptrdiff_t first = ((block % blocks) * height + phase / upscale) * width + phase % upscale;
    return (VARIANT(block_view)){target->values + first * LANES, width * upscale * LANES, (ptrdiff_t)upscale * LANES};
}

static epilogue VARIANT(epilogue_of)(const blocked_target *target) {
    if (target->bias && target->pooling != BLOCKED_NO_POOLING)
        return target->pooling == BLOCKED_MAXIMUM ? EPILOGUE_MAXIMUM : EPILOGUE_AVERAGE;
    if (target->bias) return EPILOGUE_RELU;
    return target->moments ? EPILOGUE_MOMENTS : EPILOGUE_PLAIN;
}

/// The epilogue without pooling: stores one pixel and, if `mask` is not NULL, which of its channels are above 0.
INLINE void VARIANT(apply_epilogue)(epilogue kind, f32x16 value, f32x16 bias, float *to, unsigned short *mask,
                                    VARIANT(moments) *moments) {
    if (kind == EPILOGUE_RELU) {
        value += bias;
        i32x16 is_positive = ~(value <= (f32x16){0});  // keeps NaN
        if (mask) *mask = bits_of_mask(is_positive);
        value = is_positive ? value : (f32x16){0};
    }
    store(to, value);
    if (kind == EPILOGUE_MOMENTS) VARIANT(add_to_moments)(moments, value);
}

/// The epilogue with 2x2 pooling: bias, ReLU and pooling of four pixels, and their masks.
INLINE f32x16 VARIANT(pool_window)(epilogue kind, const f32x16 values[4], f32x16 bias, unsigned short masks[4]) {
    if (kind == EPILOGUE_AVERAGE) {
        f32x16 sum = {0};
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            f32x16 value = values[i] + bias;
            i32x16 is_positive = ~(value <= (f32x16){0});
            masks[i] = bits_of_mask(is_positive);
            sum += is_positive ? value : (f32x16){0};
        }
        return sum * 0.25f;
    }
    f32x16 best = values[0];
#pragma clang loop unroll(full)
    for (int i = 1; i < 4; i++) {
        i32x16 is_better = ~(values[i] <= best);
        masks[i] = bits_of_mask(is_better);
        best = is_better ? values[i] : best;
    }
    best += bias;
    i32x16 is_positive = ~(best <= (f32x16){0});
    unsigned positive = bits_of_mask(is_positive), first = masks[1], second = masks[2], third = masks[3];
    masks[0] = positive & ~(first | second | third);
    masks[1] = positive & first & ~(second | third);
    masks[2] = positive & second & ~third;
    masks[3] = positive & third;
    return is_positive ? best : (f32x16){0};
}
