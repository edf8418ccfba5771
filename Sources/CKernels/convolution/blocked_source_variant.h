// Reading a convolution's input: padding, and the fused prologue of normalisation, ReLU and residual sum.

static prologue VARIANT(prologue_of)(const blocked_source *source) {
    if (source->mask) return source->unpool_factor != 0 ? PROLOGUE_UNPOOL : PROLOGUE_MASK;
    if (source->skip) return PROLOGUE_SUM;
    if (!source->scale) return PROLOGUE_PLAIN;
    return source->rectify ? PROLOGUE_RELU : PROLOGUE_SCALE;
}

/// Sets the channels whose bit in the mask is 0 to 0.
INLINE f32x16 VARIANT(mask_value)(f32x16 value, const unsigned short *mask) {
    return mask_of_bits(*mask) ? value : (f32x16){0};
}

INLINE f32x16 VARIANT(apply_prologue)(prologue kind, const float *value, const float *skip, const unsigned short *mask,
                                      f32x16 scale, f32x16 shift) {
    f32x16 result = load(value);
    if (kind == PROLOGUE_PLAIN) return result;
    if (kind == PROLOGUE_MASK) return VARIANT(mask_value)(result, mask);
    if (kind == PROLOGUE_UNPOOL) return VARIANT(mask_value)(result * scale, mask);
    result = result * scale + shift;
    if (kind == PROLOGUE_RELU) result = maximum(result, (f32x16){0});
    if (kind == PROLOGUE_SUM) result += load(skip);
    return result;
}

/// The offset in `skip` of (row, column) of `block`, which is added to the centre crop.
INLINE ptrdiff_t VARIANT(skip_offset)(const blocked_source *source, int block, int row, int column) {
    ptrdiff_t top = (source->skip_height - source->height) / 2, left = (source->skip_width - source->width) / 2;
    return ((block * (ptrdiff_t)source->skip_height + row + top) * source->skip_width + column + left) * LANES;
}

INLINE ptrdiff_t VARIANT(pixel_offset)(const blocked_source *source, int block, int row, int column) {
    return ((block * (ptrdiff_t)source->height + row) * source->width + column) * LANES;
}

/// The offset of the pooled pixel whose window holds (row, column), if the values are a pooled tensor's gradient.
INLINE ptrdiff_t VARIANT(pooled_offset)(const blocked_source *source, int block, int row, int column) {
    return ((block * (ptrdiff_t)(source->height / 2) + row / 2) * (source->width / 2) + column / 2) * LANES;
}

/// The mask of the pixel at `offset`; without a mask a valid pointer that is not read.
INLINE const unsigned short *VARIANT(mask_of_pixel)(const blocked_source *source, ptrdiff_t offset) {
    return source->mask ? source->mask + offset / LANES : (const unsigned short *)source->values;
}

/// The tensor's first column if columns `column` ..< `column + columns` of the padded input are contiguous in it, else
/// -1.
static int VARIANT(contiguous_columns)(const blocked_source *source, int column, int columns) {
    if (column + columns > source->column_count) return -1;
    int first = source->columns[column], last = source->columns[column + columns - 1];
    return first >= 0 && last == first + columns - 1 ? first : -1;
}

/// Copies contiguous columns of a row. `below` is the distance to the next row, which is prefetched.
INLINE void VARIANT(fill_contiguous)(prologue kind, const float *value, const float *skip, const unsigned short *mask,
                                     f32x16 scale, f32x16 shift, int columns, ptrdiff_t below, float *target) {
    for (int j = 0; j < columns; j++, value += LANES, skip += LANES, mask++, target += LANES) {
        __builtin_prefetch(value + below, 0, 2);
        store(target, VARIANT(apply_prologue)(kind, value, skip, mask, scale, shift));
    }
}

/// Copies a window of the padded input, one block, to `target` [rows][columns][16]; zeros beyond the input's end. The
/// first `materialized_rows` rows and `materialized_columns` columns are also stored to `source->materialized`.
static void VARIANT(fill_block)(const blocked_source *source, int block, int row, int rows, int column, int columns,
                                float *target, int materialized_rows, int materialized_columns) {
    prologue kind = VARIANT(prologue_of)(source);
    f32x16 scale = {0}, shift = {0};
    if (source->scale) {
        scale = load(source->scale + block * LANES);
        shift = load(source->shift + block * LANES);
    }
    if (kind == PROLOGUE_UNPOOL) scale = broadcast(source->unpool_factor);
    int first_column =
        source->materialized || kind == PROLOGUE_UNPOOL ? -1 : VARIANT(contiguous_columns)(source, column, columns);
    ptrdiff_t below = (ptrdiff_t)source->width * LANES;
    for (int i = 0; i < rows; i++) {
        int y = row + i < source->row_count ? source->rows[row + i] : -1;
        if (first_column >= 0 && y >= 0) {
            ptrdiff_t offset = VARIANT(pixel_offset)(source, block, y, first_column);
            const float *value = source->values + offset;
            const float *skip =
                source->skip ? source->skip + VARIANT(skip_offset)(source, block, y, first_column) : value;
            const unsigned short *mask = VARIANT(mask_of_pixel)(source, offset);
#define FILL(kind) \
    case kind: VARIANT(fill_contiguous)(kind, value, skip, mask, scale, shift, columns, below, target); break;
            switch (kind) {
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
            int is_outside = kind == PROLOGUE_UNPOOL && (y >= source->height / 2 * 2 || x >= source->width / 2 * 2);
            if (y < 0 || x < 0 || is_outside) {
                store(target, (f32x16){0});
                continue;
            }
            ptrdiff_t offset = VARIANT(pixel_offset)(source, block, y, x);
            const float *from =
                source->values + (kind == PROLOGUE_UNPOOL ? VARIANT(pooled_offset)(source, block, y, x) : offset);
            const float *skip = source->skip ? source->skip + VARIANT(skip_offset)(source, block, y, x) : NULL;
            const unsigned short *mask = VARIANT(mask_of_pixel)(source, offset);
            f32x16 value = VARIANT(apply_prologue)(kind, from, skip, mask, scale, shift);
            store(target, value);
            if (source->materialized && i < materialized_rows && j < materialized_columns)
                store(source->materialized + offset, value);
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
