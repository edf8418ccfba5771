// The loops of filter.c, compiled once for each variant.

static inline float VARIANT(lesser)(float a, float b) { return a < b ? a : b; }

static void VARIANT(minimum_along_rows)(const float *source, int width, int radius, float *line, float *target,
                                        int first, int end) {
    const int window = 2 * radius + 1;
    for (int y = first; y < end; y++) {
        const float *restrict row = source + (ptrdiff_t)y * width;
        for (int x = 0; x < radius; x++) line[x] = line[radius + width + x] = __builtin_inff();
        for (int x = 0; x < width; x++) line[radius + x] = row[x];
        // line[x] is the minimum of `covered` samples from x on; doubled until it covers the window.
        int covered = 1, length = width + 2 * radius;
        while (covered < window) {
            const int shift = covered * 2 <= window ? covered : window - covered;
            length -= shift;
            for (int x = 0; x < length; x++) line[x] = VARIANT(lesser)(line[x], line[x + shift]);
            covered += shift;
        }
        float *restrict out = target + (ptrdiff_t)y * width;
        for (int x = 0; x < width; x++) out[x] = line[x];
    }
}

static void VARIANT(minimum_along_columns)(const float *restrict source, int width, int height, int radius,
                                           float *restrict target, int first, int end) {
    for (int y = first; y < end; y++) {
        const int top = y > radius ? y - radius : 0, bottom = y < height - radius ? y + radius : height - 1;
        float *restrict out = target + (ptrdiff_t)y * width;
        __builtin_memcpy(out, source + (ptrdiff_t)top * width, (size_t)width * sizeof *out);
        for (int row = top + 1; row <= bottom; row++) {
            const float *restrict in = source + (ptrdiff_t)row * width;
            for (int x = 0; x < width; x++) out[x] = VARIANT(lesser)(out[x], in[x]);
        }
    }
}

INLINE void VARIANT(compare_exchange)(f32x16 *low, f32x16 *high) {
    const f32x16 a = *low, b = *high;
    *low = a < b ? a : b;
    *high = a < b ? b : a;
}

// The median by forgetful selection: of count / 2 + 2 values neither the minimum nor the maximum can be the median.
// Both are removed and the next value is added, until three values are left. `size` is a constant where this is
// inlined, so that all loops unroll.
INLINE void VARIANT(median_of)(const float *const *rows, int x, int size, f32x16 *median) {
    const int count = size * size;
    int held = count / 2 + 2, taken = 0;
    f32x16 values[14];
#pragma clang loop unroll(full)
    for (; taken < held; taken++) values[taken] = load(rows[taken / size] + x + taken % size);
#pragma clang loop unroll(full)
    for (; held >= 3; held--) {
#pragma clang loop unroll(full)
        for (int i = 0; i < held / 2; i++) VARIANT(compare_exchange)(&values[i], &values[held - 1 - i]);
#pragma clang loop unroll(full)
        for (int i = 1; i < (held + 1) / 2; i++) VARIANT(compare_exchange)(&values[0], &values[i]);
#pragma clang loop unroll(full)
        for (int i = held / 2; i < held - 1; i++) VARIANT(compare_exchange)(&values[i], &values[held - 1]);
        if (taken < count) {
            values[0] = load(rows[taken / size] + x + taken % size);
            taken++;
        }
    }
    *median = values[1];
}

static void VARIANT(median)(const float *const *rows, int width, int size, float *target) {
    for (int x = 0; x < width; x += 16) {
        f32x16 middle;
        if (size == 3)
            VARIANT(median_of)(rows, x, 3, &middle);
        else
            VARIANT(median_of)(rows, x, 5, &middle);
        const int count = width - x < 16 ? width - x : 16;
        __builtin_memcpy(target + x, &middle, (size_t)count * sizeof *target);
    }
}
