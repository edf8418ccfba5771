// Reading a convolution's input: extension, normalisation, rectification and residual sum on the way.

INLINE vector VARIANT(load)(const float *from) { return *(const vector *)from; }

INLINE void VARIANT(store)(float *to, vector value) { *(vector *)to = value; }

INLINE vector VARIANT(splat)(float value) { return value - (vector){0}; }

static entrance VARIANT(entrance_of)(const blocked_source *source) {
    if (source->mask) return source->square_share != 0 ? ENTER_SPREAD : ENTER_MASKED;
    if (source->skip) return ENTER_SUMMED;
    if (!source->scale) return ENTER_PLAIN;
    return source->rectify ? ENTER_RECTIFIED : ENTER_SCALED;
}

/// The value where the word's bit is set, 0 elsewhere.
INLINE vector VARIANT(mask_value)(vector value, const unsigned short *mask) {
    truth_vector is_set;
    memcpy(&is_set, mask, sizeof *mask);
    return (vector)((integer_vector)value & -__builtin_convertvector(is_set, integer_vector));
}

INLINE vector VARIANT(enter)(entrance way, const float *value, const float *skip, const unsigned short *mask,
                             vector scale, vector shift) {
    vector result = VARIANT(load)(value);
    if (way == ENTER_PLAIN) return result;
    if (way == ENTER_MASKED) return VARIANT(mask_value)(result, mask);
    if (way == ENTER_SPREAD) return VARIANT(mask_value)(result * scale, mask);
    result = result * scale + shift;
    if (way == ENTER_RECTIFIED) result = __builtin_elementwise_max(result, (vector){0});
    if (way == ENTER_SUMMED) result += VARIANT(load)(skip);
    return result;
}

/// The place in `skip` that belongs to (row, column) of `block`.
INLINE ptrdiff_t VARIANT(skip_place)(const blocked_source *source, int block, int row, int column) {
    ptrdiff_t top = (source->skip_height - source->height) / 2, left = (source->skip_width - source->width) / 2;
    return ((block * (ptrdiff_t)source->skip_height + row + top) * source->skip_width + column + left) * LANES;
}

INLINE ptrdiff_t VARIANT(place)(const blocked_source *source, int block, int row, int column) {
    return ((block * (ptrdiff_t)source->height + row) * source->width + column) * LANES;
}

/// The place of the square that holds (row, column), where values are those of squares.
INLINE ptrdiff_t VARIANT(square_place)(const blocked_source *source, int block, int row, int column) {
    return ((block * (ptrdiff_t)(source->height / 2) + row / 2) * (source->width / 2) + column / 2) * LANES;
}

/// The word of the pixel at `place`; where there is no mask, something that is not read.
INLINE const unsigned short *VARIANT(mask_place)(const blocked_source *source, ptrdiff_t place) {
    return source->mask ? source->mask + place / LANES : (const unsigned short *)source->values;
}

/// The columns `column` and following as one stretch of the tensor's, or -1 where they are none.
static int VARIANT(stretch)(const blocked_source *source, int column, int columns) {
    if (column + columns > source->column_count) return -1;
    int first = source->columns[column], last = source->columns[column + columns - 1];
    return first >= 0 && last == first + columns - 1 ? first : -1;
}

/// A stretch of a row; `below` is the distance to the next row, which will be wanted soon.
INLINE void VARIANT(fill_stretch)(entrance way, const float *value, const float *skip, const unsigned short *mask,
                                  vector scale, vector shift, int columns, ptrdiff_t below, float *target) {
    for (int j = 0; j < columns; j++, value += LANES, skip += LANES, mask++, target += LANES) {
        __builtin_prefetch(value + below, 0, 2);
        VARIANT(store)(target, VARIANT(enter)(way, value, skip, mask, scale, shift));
    }
}

/// A window of the extended input, one block, to `target` [rows][columns][16]; zeros beyond the extended input's end.
/// Values of the first `kept_rows` rows and `kept_columns` columns are stored to the source's `kept` too.
static void VARIANT(fill_block)(const blocked_source *source, int block, int row, int rows, int column, int columns,
                                float *target, int kept_rows, int kept_columns) {
    entrance way = VARIANT(entrance_of)(source);
    vector scale = {0}, shift = {0};
    if (source->scale) {
        scale = VARIANT(load)(source->scale + block * LANES);
        shift = VARIANT(load)(source->shift + block * LANES);
    }
    if (way == ENTER_SPREAD) scale = VARIANT(splat)(source->square_share);
    int stretch = source->kept || way == ENTER_SPREAD ? -1 : VARIANT(stretch)(source, column, columns);
    ptrdiff_t below = (ptrdiff_t)source->width * LANES;
    for (int i = 0; i < rows; i++) {
        int y = row + i < source->row_count ? source->rows[row + i] : -1;
        if (stretch >= 0 && y >= 0) {
            ptrdiff_t place = VARIANT(place)(source, block, y, stretch);
            const float *value = source->values + place;
            const float *skip = source->skip ? source->skip + VARIANT(skip_place)(source, block, y, stretch) : value;
            const unsigned short *mask = VARIANT(mask_place)(source, place);
#define FILL(way) \
    case way: VARIANT(fill_stretch)(way, value, skip, mask, scale, shift, columns, below, target); break;
            switch (way) {
                FILL(ENTER_PLAIN)
                FILL(ENTER_RECTIFIED)
                FILL(ENTER_SCALED)
                FILL(ENTER_SUMMED)
                FILL(ENTER_MASKED)
                case ENTER_SPREAD: break;
            }
#undef FILL
            target += (ptrdiff_t)columns * LANES;
            continue;
        }
        for (int j = 0; j < columns; j++, target += LANES) {
            int x = column + j < source->column_count ? source->columns[column + j] : -1;
            int is_cut = way == ENTER_SPREAD && (y >= source->height / 2 * 2 || x >= source->width / 2 * 2);
            if (y < 0 || x < 0 || is_cut) {
                VARIANT(store)(target, (vector){0});
                continue;
            }
            ptrdiff_t place = VARIANT(place)(source, block, y, x);
            const float *from = source->values + (way == ENTER_SPREAD ? VARIANT(square_place)(source, block, y, x) : place);
            const float *skip = source->skip ? source->skip + VARIANT(skip_place)(source, block, y, x) : NULL;
            const unsigned short *mask = VARIANT(mask_place)(source, place);
            vector value = VARIANT(enter)(way, from, skip, mask, scale, shift);
            VARIANT(store)(target, value);
            if (source->kept && i < kept_rows && j < kept_columns) VARIANT(store)(source->kept + place, value);
        }
    }
}

/// A window of extended planes to `target` [rows][columns][lanes], lanes being 8 or 16.
static void VARIANT(fill_planes)(const blocked_source *source, int row, int rows, int column, int columns,
                                 float *target, int lanes) {
    memset(target, 0, (size_t)rows * columns * lanes * sizeof(float));
    int stretch = VARIANT(stretch)(source, column, columns);
    for (int i = 0; i < rows; i++) {
        int y = row + i < source->row_count ? source->rows[row + i] : -1;
        if (y < 0) continue;
        for (int c = 0; c < source->channels; c++) {
            const float *line = source->planes[c] + (ptrdiff_t)y * source->width;
            float *to = target + (ptrdiff_t)i * columns * lanes + c;
            float scale = source->scale ? source->scale[c] : 1, shift = source->scale ? source->shift[c] : 0;
            if (stretch >= 0) {
                for (int j = 0; j < columns; j++) to[j * lanes] = line[stretch + j] * scale + shift;
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
