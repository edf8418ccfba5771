// Writing a convolution's output: the layout of sub-pixel convolution, and the fused epilogue.

/// Running moments, relative to a pivot (the first value) to avoid cancellation.
typedef struct {
    vector pivot, sum, squares;
    int count;
} VARIANT(moments);

INLINE void VARIANT(count_value)(VARIANT(moments) *moments, vector value) {
    vector difference = value - moments->pivot;
    moments->sum += difference;
    moments->squares += difference * difference;
    moments->count++;
}

static void VARIANT(store_moments)(const blocked_target *target, int chunk, int block, VARIANT(moments) moments) {
    if (!target->moments || moments.count == 0) return;
    float *to = target->moments + ((ptrdiff_t)chunk * target->blocks + block) * LANES * 2;
    vector mean = moments.sum / (float)moments.count;
    vector deviations = moments.squares - mean * moments.sum;
    mean += moments.pivot;
    for (int lane = 0; lane < LANES; lane++) {
        to[2 * lane] = mean[lane];
        to[2 * lane + 1] = deviations[lane];
    }
    if (block == 0) target->counts[chunk] = moments.count;
}

/// The destination of a computed block: its first value, and the strides in floats of rows and columns.
typedef struct {
    float *values;
    ptrdiff_t row, column;
} VARIANT(place_of_block);

static VARIANT(place_of_block) VARIANT(find_block)(const blocked_target *target, int block) {
    int spread = target->spread, blocks = target->blocks / (spread * spread);
    int phase = block / blocks;
    ptrdiff_t width = (ptrdiff_t)target->width * spread, height = (ptrdiff_t)target->height * spread;
    ptrdiff_t first = ((block % blocks) * height + phase / spread) * width + phase % spread;
    return (VARIANT(place_of_block)){target->values + first * LANES, width * spread * LANES, (ptrdiff_t)spread * LANES};
}

static epilogue VARIANT(epilogue_of)(const blocked_target *target) {
    if (target->bias && target->pooling != BLOCKED_NO_POOLING)
        return target->pooling == BLOCKED_MAXIMUM ? EPILOGUE_MAXIMUM : EPILOGUE_AVERAGE;
    if (target->bias) return EPILOGUE_RELU;
    return target->moments ? EPILOGUE_MOMENTS : EPILOGUE_PLAIN;
}

/// Converts a vector of 0 and -1 to the bits of a mask.
INLINE unsigned short VARIANT(word_of)(integer_vector truths) {
    truth_vector bits = __builtin_convertvector(truths, truth_vector);
    unsigned short word;
    memcpy(&word, &bits, sizeof word);
    return word;
}

/// The epilogue without pooling: stores one pixel and, if `mask` is not NULL, which of its channels are above 0.
INLINE void VARIANT(apply_epilogue)(epilogue way, vector value, vector bias, float *place, unsigned short *mask,
                                    VARIANT(moments) *moments) {
    if (way == EPILOGUE_RELU) {
        value += bias;
        integer_vector is_kept = ~(value <= (vector){0});  // keeps NaN
        if (mask) *mask = VARIANT(word_of)(is_kept);
        value = (vector)((integer_vector)value & is_kept);
    }
    VARIANT(store)(place, value);
    if (way == EPILOGUE_MOMENTS) VARIANT(count_value)(moments, value);
}

/// The epilogue with 2x2 pooling: bias, ReLU and pooling of four pixels, and their masks.
INLINE vector VARIANT(pool_square)(epilogue way, const vector values[4], vector bias, unsigned short words[4]) {
    if (way == EPILOGUE_AVERAGE) {
        vector sum = {0};
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            vector value = values[i] + bias;
            integer_vector is_kept = ~(value <= (vector){0});
            words[i] = VARIANT(word_of)(is_kept);
            sum += (vector)((integer_vector)value & is_kept);
        }
        return sum * 0.25f;
    }
    vector best = values[0];
#pragma clang loop unroll(full)
    for (int i = 1; i < 4; i++) {
        integer_vector is_better = ~(values[i] <= best);
        words[i] = VARIANT(word_of)(is_better);
        best = (vector)(((integer_vector)values[i] & is_better) | ((integer_vector)best & ~is_better));
    }
    best += bias;
    integer_vector is_kept = ~(best <= (vector){0});
    unsigned kept = VARIANT(word_of)(is_kept), first = words[1], second = words[2], third = words[3];
    words[0] = kept & ~(first | second | third);
    words[1] = kept & first & ~(second | third);
    words[2] = kept & second & ~third;
    words[3] = kept & third;
    return (vector)((integer_vector)best & is_kept);
}
