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
