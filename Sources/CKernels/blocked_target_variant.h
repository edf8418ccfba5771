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
    if (target->bias) return LEAVE_RECTIFIED;
    return target->moments ? LEAVE_MEASURED : LEAVE_PLAIN;
}

/// Stores one value, its bias added; and in `mask`, if not NULL, which of its channels are above 0.
INLINE void VARIANT(leave)(departure way, vector value, vector bias, float *place, unsigned short *mask,
                           VARIANT(moments) *moments) {
    if (way == LEAVE_RECTIFIED) {
        value += bias;
        integer_vector is_kept = ~(value <= (vector){0});  // so what is no number stays none
        if (mask) {
            truth_vector word = __builtin_convertvector(is_kept, truth_vector);
            memcpy(mask, &word, sizeof *mask);
        }
        value = (vector)((integer_vector)value & is_kept);
    }
    VARIANT(store)(place, value);
    if (way == LEAVE_MEASURED) VARIANT(count_value)(moments, value);
}
