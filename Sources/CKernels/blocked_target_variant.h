// Writing a convolution's output: where it goes, and what normalisation will want to know of it.

/// The moments of the values seen so far, about a pivot that lies among them, so that nothing cancels.
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

/// Where the values of a computed block go: the place of its first, and the floats from row to row and column to column.
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

static departure VARIANT(departure_of)(const blocked_target *target) {
    if (target->bias && target->pooling != BLOCKED_NO_POOLING)
        return target->pooling == BLOCKED_MAXIMUM ? LEAVE_MAXIMUM : LEAVE_AVERAGE;
    if (target->bias) return LEAVE_RECTIFIED;
    return target->moments ? LEAVE_MEASURED : LEAVE_PLAIN;
}

/// Truths as a mask's word.
INLINE unsigned short VARIANT(word_of)(integer_vector truths) {
    truth_vector bits = __builtin_convertvector(truths, truth_vector);
    unsigned short word;
    memcpy(&word, &bits, sizeof word);
    return word;
}

/// Stores one value, its bias added; and in `mask`, if not NULL, which of its channels are above 0.
INLINE void VARIANT(leave)(departure way, vector value, vector bias, float *place, unsigned short *mask,
                           VARIANT(moments) *moments) {
    if (way == LEAVE_RECTIFIED) {
        value += bias;
        integer_vector is_kept = ~(value <= (vector){0});  // so what is no number stays none
        if (mask) *mask = VARIANT(word_of)(is_kept);
        value = (vector)((integer_vector)value & is_kept);
    }
    VARIANT(store)(place, value);
    if (way == LEAVE_MEASURED) VARIANT(count_value)(moments, value);
}

/// Four values, their bias added and rectified, as one; and the words of their masks.
INLINE vector VARIANT(pool_square)(departure way, const vector values[4], vector bias, unsigned short words[4]) {
    if (way == LEAVE_AVERAGE) {
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
