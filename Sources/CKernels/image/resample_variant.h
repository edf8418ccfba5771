// The loops of resample.c, compiled once for each variant.

static void VARIANT(mix_rows)(const float *rows, ptrdiff_t stride, const float *weights, int count, int width,
                              float *restrict line) {
    for (int x = 0; x < width; x++) line[x] = weights[0] * rows[x];
    for (int i = 1; i < count; i++) {
        const float *restrict row = rows + i * stride;
        for (int x = 0; x < width; x++) line[x] += weights[i] * row[x];
    }
}

// Computes four results at once. The samples of each are contiguous, so that no gathers are needed.
static void VARIANT(mix_columns)(const float *line, const int *first, const float *weights, int taps, int width,
                                 float *target) {
    for (int x = 0; x < width; x += 4) {
        f32x4 sums[4];
#pragma clang loop unroll(full)
        for (int p = 0; p < 4; p++) {
            const float *from = line + first[x + p], *by = weights + (ptrdiff_t)(x + p) * taps;
            f32x4 sum = 0;
            for (int i = 0; i < taps; i += 4) sum += load4(from + i) * load4(by + i);
            sums[p] = sum;
        }
        transpose4(sums);
        const f32x4 results = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        const int count = width - x < 4 ? width - x : 4;
        if (count == 4)
            store4(target + x, results);
        else
            __builtin_memcpy(target + x, &results, (size_t)count * sizeof *target);
    }
}

INLINE f32x8 VARIANT(interpolated)(const float *line, const int *first, const float *weights) {
    f32x8 taps[4];
#if VARIANT_AVX2
    // When enlarging by 1.75 or more, 8 targets depend on 8 samples at most: one load and permutations.
    if (first[7] - first[0] <= 4) {
        i32x8 index;
        __builtin_memcpy(&index, first, sizeof index);
        index -= first[0];
        const f32x8 samples = load8(line + first[0]);
        typedef float values __attribute__((__vector_size__(32)));
        typedef int indices __attribute__((__vector_size__(32)));
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++)
            taps[i] = (f32x8)__builtin_ia32_permvarsf256((values)samples, (indices)(index + i));
        return (taps[0] * load8(weights) + taps[1] * load8(weights + 8)) +
               (taps[2] * load8(weights + 16) + taps[3] * load8(weights + 24));
    }
#endif
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++)
        for (int x = 0; x < 8; x++) taps[i][x] = line[first[x] + i];
    return (taps[0] * load8(weights) + taps[1] * load8(weights + 8)) +
           (taps[2] * load8(weights + 16) + taps[3] * load8(weights + 24));
}

static void VARIANT(interpolate_columns)(const float *line, const int *first, const float *weights, int width,
                                         float *target) {
    int x = 0;
    for (; x + 8 <= width; x += 8)
        store8(target + x, VARIANT(interpolated)(line, first + x, weights + 4 * (ptrdiff_t)x));
    if (x == width) return;
    const f32x8 rest = VARIANT(interpolated)(line, first + x, weights + 4 * (ptrdiff_t)x);
    __builtin_memcpy(target + x, &rest, (size_t)(width - x) * sizeof *target);
}
