// The loops of photometry.c, compiled once for each variant.

static inline uint8_t VARIANT(lower)(uint8_t a, uint8_t b) { return a < b ? a : b; }
static inline uint8_t VARIANT(higher)(uint8_t a, uint8_t b) { return a > b ? a : b; }

static void VARIANT(envelope)(const uint8_t *source, int width, int height, uint8_t *low, uint8_t *high, int first,
                              int end) {
    for (int y = first; y < end; y++) {
        const uint8_t *restrict row = source + (ptrdiff_t)y * width;
        const uint8_t *restrict above = y > 0 ? row - width : row, *restrict below = y + 1 < height ? row + width : row;
        uint8_t *restrict lowest = low + (ptrdiff_t)y * width, *restrict highest = high + (ptrdiff_t)y * width;
        for (int x = 1; x + 1 < width; x++) {
            uint8_t least = 255, most = 0;
            for (int i = -1; i <= 1; i++) {
                least = VARIANT(lower)(least, VARIANT(lower)(above[x + i], VARIANT(lower)(row[x + i], below[x + i])));
                most = VARIANT(higher)(most, VARIANT(higher)(above[x + i], VARIANT(higher)(row[x + i], below[x + i])));
            }
            lowest[x] = least;
            highest[x] = most;
        }
        for (int x = 0; x < width; x += width > 1 ? width - 1 : 1) {
            uint8_t least = 255, most = 0;
            for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < width; i++) {
                least = VARIANT(lower)(least, VARIANT(lower)(above[i], VARIANT(lower)(row[i], below[i])));
                most = VARIANT(higher)(most, VARIANT(higher)(above[i], VARIANT(higher)(row[i], below[i])));
            }
            lowest[x] = least;
            highest[x] = most;
        }
    }
}

// The nearest position within 0...most; NaN is 0.
static inline int VARIANT(nearest)(float position, int most) {
    position = position > 0 ? position : 0;
    position = position < (float)most ? position : (float)most;
    return (int)(position + 0.5f);
}

// The number of pixels of a cell that are outside of the range.
static int VARIANT(count_mismatches)(kernel_flow flow, const uint8_t *luma, const uint8_t *low, const uint8_t *high,
                                     int below, int above, int left, int right, int top, int bottom) {
    int mismatches = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
            const ptrdiff_t i = (ptrdiff_t)y * flow.width + x;
            const ptrdiff_t place = (ptrdiff_t)VARIANT(nearest)((float)y + flow.v[i], flow.height - 1) * flow.width +
                                    VARIANT(nearest)((float)x + flow.u[i], flow.width - 1);
            mismatches += (luma[i] < low[place] + below) | (luma[i] > high[place] + above);
        }
    return mismatches;
}

// The same for a whole cell, a row of which is four lanes. Frames of more than 2^31 pixels have no flow.
INLINE int VARIANT(count_in_whole_cell)(kernel_flow flow, const uint8_t *luma, const uint8_t *low, const uint8_t *high,
                                        int below, int above, int left, int top) {
    const f32x4 lane = {0, 1, 2, 3};
    const f32x4 most_x = (float)(flow.width - 1), most_y = (float)(flow.height - 1);
    int32_t places[KERNEL_CELL * KERNEL_CELL];
    for (int row = 0; row < KERNEL_CELL; row++) {
        const ptrdiff_t i = (ptrdiff_t)(top + row) * flow.width + left;
        f32x4 x = (float)left + lane + load4(flow.u + i), y = (float)(top + row) + load4(flow.v + i);
        x = x > 0 ? x : (f32x4)0;  // NaN becomes 0
        y = y > 0 ? y : (f32x4)0;
        x = x < most_x ? x : most_x;
        y = y < most_y ? y : most_y;
        const i32x4 place = __builtin_convertvector(y + 0.5f, i32x4) * flow.width + __builtin_convertvector(x + 0.5f, i32x4);
        memcpy(places + KERNEL_CELL * row, &place, sizeof place);
    }
    int mismatches = 0;
    for (int row = 0; row < KERNEL_CELL; row++) {
        const uint8_t *here = luma + (ptrdiff_t)(top + row) * flow.width + left;
        for (int x = 0; x < KERNEL_CELL; x++) {
            const int32_t place = places[KERNEL_CELL * row + x];
            mismatches += (here[x] < low[place] + below) | (here[x] > high[place] + above);
        }
    }
    return mismatches;
}

static void VARIANT(reject_mismatches)(kernel_flow flow, const uint8_t *luma, const uint8_t *low, const uint8_t *high,
                                       int below, int above, float *certainty, int first, int end) {
    const int width = flow.width, height = flow.height;
    for (int top = first; top < end; top += KERNEL_CELL) {
        const int bottom = top + KERNEL_CELL < height ? top + KERNEL_CELL : height;
        for (int left = 0; left < width; left += KERNEL_CELL) {
            const int right = left + KERNEL_CELL < width ? left + KERNEL_CELL : width;
            const int count = (bottom - top) * (right - left);
            const int mismatches =
                count == KERNEL_CELL * KERNEL_CELL
                    ? VARIANT(count_in_whole_cell)(flow, luma, low, high, below, above, left, top)
                    : VARIANT(count_mismatches)(flow, luma, low, high, below, above, left, right, top, bottom);
            if (4 * mismatches < count) continue;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++) certainty[(ptrdiff_t)y * width + x] = 0;
        }
    }
}

// Sixteen samples from a position on, without reading beyond the last of `count`.
INLINE f32x16 VARIANT(samples)(const uint8_t *plane, ptrdiff_t position, ptrdiff_t count) {
    if (position + 16 <= count) return __builtin_convertvector(load_bytes(plane + position), f32x16);
    uint8_t rest[16] = {0};
    if (position < count) memcpy(rest, plane + position, (size_t)(count - position));
    return __builtin_convertvector(load_bytes(rest), f32x16);
}

static void VARIANT(displaced_error)(const uint8_t *luma, const uint8_t *last, int width, int height,
                                     kernel_rectangle place, float x, float y, float most, float *sum) {
    const ptrdiff_t count = (ptrdiff_t)width * height;
    const float left = floorf(x), above = floorf(y);
    const float across = x - left, down = y - above;
    const ptrdiff_t right = across > 0, below = down > 0 ? width : 0;
    const i32x16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const i32x16 inside = lane < place.columns;
    for (int row = place.top; row < place.top + place.rows && *sum <= most; row++) {
        const ptrdiff_t here = (ptrdiff_t)row * width + place.left;
        const ptrdiff_t there = here + (ptrdiff_t)above * width + (ptrdiff_t)left;
        const f32x16 a = VARIANT(samples)(last, there, count), b = VARIANT(samples)(last, there + right, count);
        const f32x16 c = VARIANT(samples)(last, there + below, count);
        const f32x16 d = VARIANT(samples)(last, there + below + right, count);
        const f32x16 upper = a + across * (b - a), lower = c + across * (d - c);
        f32x16 difference = VARIANT(samples)(luma, here, count) - (upper + down * (lower - upper));
        difference = inside ? difference : 0;
        const f32x4 quarters = sum_quarters(difference * difference);
        *sum += quarters.x + quarters.y + quarters.z + quarters.w;
    }
}
