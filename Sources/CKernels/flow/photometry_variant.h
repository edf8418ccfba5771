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

static void VARIANT(reject_mismatches)(kernel_flow flow, const uint8_t *luma, const uint8_t *low, const uint8_t *high,
                                       int below, int above, float *certainty, int first, int end) {
    const int width = flow.width, height = flow.height;
    for (int top = first; top < end; top += KERNEL_CELL) {
        const int bottom = top + KERNEL_CELL < height ? top + KERNEL_CELL : height;
        for (int left = 0; left < width; left += KERNEL_CELL) {
            const int right = left + KERNEL_CELL < width ? left + KERNEL_CELL : width;
            int mismatches = 0;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++) {
                    const ptrdiff_t i = (ptrdiff_t)y * width + x;
                    const ptrdiff_t place =
                        (ptrdiff_t)VARIANT(nearest)((float)y + flow.v[i], height - 1) * width +
                        VARIANT(nearest)((float)x + flow.u[i], width - 1);
                    mismatches += (luma[i] < low[place] + below) | (luma[i] > high[place] + above);
                }
            if (4 * mismatches < (bottom - top) * (right - left)) continue;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++) certainty[(ptrdiff_t)y * width + x] = 0;
        }
    }
}
