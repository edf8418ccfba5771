// Reading a convolution's input: padding, and the fused prologue of normalisation, ReLU and residual sum.

INLINE vector VARIANT(load)(const float *from) { return *(const vector *)from; }

INLINE void VARIANT(store)(float *to, vector value) { *(vector *)to = value; }

INLINE vector VARIANT(splat)(float value) { return value - (vector){0}; }

static prologue VARIANT(prologue_of)(const blocked_source *source) {
    if (source->mask) return source->square_share != 0 ? PROLOGUE_UNPOOL : PROLOGUE_MASK;
    if (source->skip) return PROLOGUE_SUM;
    if (!source->scale) return PROLOGUE_PLAIN;
    return source->rectify ? PROLOGUE_RELU : PROLOGUE_SCALE;
}

/// Sets the channels whose bit in the mask is 0 to 0.
INLINE vector VARIANT(mask_value)(vector value, const unsigned short *mask) {
    truth_vector is_set;
    memcpy(&is_set, mask, sizeof *mask);
    return (vector)((integer_vector)value & -__builtin_convertvector(is_set, integer_vector));
}

INLINE vector VARIANT(apply_prologue)(prologue way, const float *value, const float *skip, const unsigned short *mask,
                                      vector scale, vector shift) {
    vector result = VARIANT(load)(value);
    if (way == PROLOGUE_PLAIN) return result;
    if (way == PROLOGUE_MASK) return VARIANT(mask_value)(result, mask);
    if (way == PROLOGUE_UNPOOL) return VARIANT(mask_value)(result * scale, mask);
    result = result * scale + shift;
    if (way == PROLOGUE_RELU) result = __builtin_elementwise_max(result, (vector){0});
    if (way == PROLOGUE_SUM) result += VARIANT(load)(skip);
    return result;
}

/// The offset in `skip` of (row, column) of `block`, which is added to the centre crop.
INLINE ptrdiff_t VARIANT(skip_place)(const blocked_source *source, int block, int row, int column) {
    ptrdiff_t top = (source->skip_height - source->height) / 2, left = (source->skip_width - source->width) / 2;
    return ((block * (ptrdiff_t)source->skip_height + row + top) * source->skip_width + column + left) * LANES;
}

INLINE ptrdiff_t VARIANT(place)(const blocked_source *source, int block, int row, int column) {
    return ((block * (ptrdiff_t)source->height + row) * source->width + column) * LANES;
}

/// The offset of the 2x2 square that holds (row, column), if the values are a pooled tensor's gradient.
INLINE ptrdiff_t VARIANT(square_place)(const blocked_source *source, int block, int row, int column) {
    return ((block * (ptrdiff_t)(source->height / 2) + row / 2) * (source->width / 2) + column / 2) * LANES;
}

/// The mask of the pixel at `place`; without a mask a valid pointer that is not read.
INLINE const unsigned short *VARIANT(mask_place)(const blocked_source *source, ptrdiff_t place) {
    return source->mask ? source->mask + place / LANES : (const unsigned short *)source->values;
}

/// The tensor's first column if columns `column` ..< `column + columns` of the padded input are contiguous in it, else
/// -1.
static int VARIANT(contiguous_columns)(const blocked_source *source, int column, int columns) {
    if (column + columns > source->column_count) return -1;
    int first = source->columns[column], last = source->columns[column + columns - 1];
    return first >= 0 && last == first + columns - 1 ? first : -1;
}

/// Copies contiguous columns of a row. `below` is the distance to the next row, which is prefetched.
INLINE void VARIANT(fill_contiguous)(prologue way, const float *value, const float *skip, const unsigned short *mask,
                                     vector scale, vector shift, int columns, ptrdiff_t below, float *target) {
    for (int j = 0; j < columns; j++, value += LANES, skip += LANES, mask++, target += LANES) {
        __builtin_prefetch(value + below, 0, 2);
        VARIANT(store)(target, VARIANT(apply_prologue)(way, value, skip, mask, scale, shift));
    }
}

/// Copies a window of the padded input, one block, to `target` [rows][columns][16]; zeros beyond the input's end. The
/// first `kept_rows` rows and `kept_columns` columns are also stored to the source's `kept`.
static void VARIANT(fill_block)(const blocked_source *source, int block, int row, int rows, int column, int columns,
                                float *target, int kept_rows, int kept_columns) {
    prologue way = VARIANT(prologue_of)(source);
    vector scale = {0}, shift = {0};
    if (source->scale) {
        scale = VARIANT(load)(source->scale + block * LANES);
        shift = VARIANT(load)(source->shift + block * LANES);
    }
    if (way == PROLOGUE_UNPOOL) scale = VARIANT(splat)(source->square_share);
    int first_column =
        source->kept || way == PROLOGUE_UNPOOL ? -1 : VARIANT(contiguous_columns)(source, column, columns);
    ptrdiff_t below = (ptrdiff_t)source->width * LANES;
    for (int i = 0; i < rows; i++) {
        int y = row + i < source->row_count ? source->rows[row + i] : -1;
        if (first_column >= 0 && y >= 0) {
            ptrdiff_t place = VARIANT(place)(source, block, y, first_column);
            const float *value = source->values + place;
            const float *skip =
                source->skip ? source->skip + VARIANT(skip_place)(source, block, y, first_column) : value;
            const unsigned short *mask = VARIANT(mask_place)(source, place);
#define FILL(way) \
    case way: VARIANT(fill_contiguous)(way, value, skip, mask, scale, shift, columns, below, target); break;
            switch (way) {
                FILL(PROLOGUE_PLAIN)
                FILL(PROLOGUE_RELU)
                FILL(PROLOGUE_SCALE)
                FILL(PROLOGUE_SUM)
                FILL(PROLOGUE_MASK)
                case PROLOGUE_UNPOOL: break;
            }
#undef FILL
            target += (ptrdiff_t)columns * LANES;
            continue;
        }
        for (int j = 0; j < columns; j++, target += LANES) {
            int x = column + j < source->column_count ? source->columns[column + j] : -1;
            int is_cut = way == PROLOGUE_UNPOOL && (y >= source->height / 2 * 2 || x >= source->width / 2 * 2);
            if (y < 0 || x < 0 || is_cut) {
                VARIANT(store)(target, (vector){0});
                continue;
            }
            ptrdiff_t place = VARIANT(place)(source, block, y, x);
            const float *from =
                source->values + (way == PROLOGUE_UNPOOL ? VARIANT(square_place)(source, block, y, x) : place);
            const float *skip = source->skip ? source->skip + VARIANT(skip_place)(source, block, y, x) : NULL;
            const unsigned short *mask = VARIANT(mask_place)(source, place);
            vector value = VARIANT(apply_prologue)(way, from, skip, mask, scale, shift);
            VARIANT(store)(target, value);
            if (source->kept && i < kept_rows && j < kept_columns) VARIANT(store)(source->kept + place, value);
        }
    }
}

/// Copies a window of padded planes to `target` [rows][columns][lanes]; `lanes` is 8 or 16.
static void VARIANT(fill_planes)(const blocked_source *source, int row, int rows, int column, int columns,
                                 float *target, int lanes) {
    memset(target, 0, (size_t)rows * columns * lanes * sizeof(float));
    int first_column = VARIANT(contiguous_columns)(source, column, columns);
    for (int i = 0; i < rows; i++) {
        int y = row + i < source->row_count ? source->rows[row + i] : -1;
        if (y < 0) continue;
        for (int c = 0; c < source->channels; c++) {
            const float *line = source->planes[c] + (ptrdiff_t)y * source->width;
            float *to = target + (ptrdiff_t)i * columns * lanes + c;
            float scale = source->scale ? source->scale[c] : 1, shift = source->scale ? source->shift[c] : 0;
            if (first_column >= 0) {
                for (int j = 0; j < columns; j++) to[j * lanes] = line[first_column + j] * scale + shift;
                continue;
            }
            for (int j = 0; j < columns; j++) {
                int x = column + j < source->column_count ? source->columns[column + j] : -1;
                if (x >= 0) to[j * lanes] = line[x] * scale + shift;
            }
        }
    }
}

static void VARIANT(fill)(const blocked_source *source, int block, int row, int rows, int column, int columns,
                          float *target) {
    if (source->planes)
        VARIANT(fill_planes)(source, row, rows, column, columns, target, LANES);
    else
        VARIANT(fill_block)(source, block, row, rows, column, columns, target, 0, 0);
}
