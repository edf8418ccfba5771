// The loops of component.c, compiled once for each variant.

// line(x) (+)= the weighted samples of up to 4 rows. `step` and `count` are constants where this is inlined, which
// vectorises.
INLINE void VARIANT(add_bytes)(const uint8_t *rows, ptrdiff_t stride, int step, int width, const float *weights,
                               int count, int is_first, float *restrict line) {
    for (int x = 0; x < width; x++) {
        float sum = is_first ? 0 : line[x];
#pragma clang loop unroll(full)
        for (int i = 0; i < count; i++) sum += weights[i] * (float)rows[i * stride + (ptrdiff_t)step * x];
        line[x] = sum;
    }
}

INLINE void VARIANT(add_words)(const uint8_t *rows, ptrdiff_t stride, int step, int shift, int width,
                               const float *weights, int count, int is_first, float *restrict line) {
    for (int x = 0; x < width; x++) {
        float sum = is_first ? 0 : line[x];
        for (int i = 0; i < count; i++) {
            uint16_t word;
            __builtin_memcpy(&word, rows + i * stride + (ptrdiff_t)step * x, sizeof word);
            sum += weights[i] * (float)(word >> shift);
        }
        line[x] = sum;
    }
}

INLINE void VARIANT(add_rows)(kernel_component component, const uint8_t *rows, int step, const float *weights,
                              int count, int is_first, float *line) {
    const ptrdiff_t stride = component.stride;
    switch (count) {
        case 1: VARIANT(add_bytes)(rows, stride, step, component.width, weights, 1, is_first, line); break;
        case 2: VARIANT(add_bytes)(rows, stride, step, component.width, weights, 2, is_first, line); break;
        case 3: VARIANT(add_bytes)(rows, stride, step, component.width, weights, 3, is_first, line); break;
        default: VARIANT(add_bytes)(rows, stride, step, component.width, weights, 4, is_first, line);
    }
}

static void VARIANT(mix_component)(kernel_component component, int first, const float *weights, int count,
                                   float *line) {
    const float scale = 1 / (float)(1 << (component.bits - 8));
    for (int i = 0; i < count; i += 4) {
        const int part = count - i < 4 ? count - i : 4;
        const uint8_t *rows = component.base + (first + i) * component.stride;
        float scaled[4];
        for (int j = 0; j < part; j++) scaled[j] = weights[i + j] * scale;
        if (component.bits > 8) {
            VARIANT(add_words)(rows, component.stride, component.step, component.shift, component.width, scaled, part,
                               i == 0, line);
            continue;
        }
        switch (component.step) {
            case 1: VARIANT(add_rows)(component, rows, 1, scaled, part, i == 0, line); break;
            case 2: VARIANT(add_rows)(component, rows, 2, scaled, part, i == 0, line); break;
            case 3: VARIANT(add_rows)(component, rows, 3, scaled, part, i == 0, line); break;
            case 4: VARIANT(add_rows)(component, rows, 4, scaled, part, i == 0, line); break;
            default: VARIANT(add_rows)(component, rows, component.step, scaled, part, i == 0, line);
        }
    }
}

static void VARIANT(mix_lines)(const float *const *rows, const float *weights, int count, int width,
                               float *restrict line) {
    if (count == 4) {
        const float *restrict a = rows[0], *restrict b = rows[1], *restrict c = rows[2], *restrict d = rows[3];
        for (int x = 0; x < width; x++)
            line[x] = weights[0] * a[x] + weights[1] * b[x] + weights[2] * c[x] + weights[3] * d[x];
        return;
    }
    for (int i = 0; i < count; i++) {
        const float *restrict row = rows[i];
        if (i == 0)
            for (int x = 0; x < width; x++) line[x] = weights[i] * row[x];
        else
            for (int x = 0; x < width; x++) line[x] += weights[i] * row[x];
    }
}

static void VARIANT(average_pairs)(const float *restrict line, int width, float *restrict target) {
    for (int x = 0; x < width / 2; x++) target[x] = 0.5f * (line[2 * (ptrdiff_t)x] + line[2 * (ptrdiff_t)x + 1]);
    if (width % 2 != 0) target[width / 2] = line[width - 1];
}

static void VARIANT(map_planes)(const float *source, ptrdiff_t plane, kernel_affine_color map, float *target,
                                ptrdiff_t target_plane, ptrdiff_t count) {
    // The three results of a sample are written after its three values are read.
#pragma clang loop vectorize(assume_safety)
    for (ptrdiff_t i = 0; i < count; i++) {
        const float a = source[i], b = source[plane + i], c = source[2 * plane + i];
        target[i] = map.matrix[0][0] * a + map.matrix[0][1] * b + map.matrix[0][2] * c + map.offset[0];
        target[target_plane + i] = map.matrix[1][0] * a + map.matrix[1][1] * b + map.matrix[1][2] * c + map.offset[1];
        target[2 * target_plane + i] =
            map.matrix[2][0] * a + map.matrix[2][1] * b + map.matrix[2][2] * c + map.offset[2];
    }
}

static void VARIANT(map_plane)(const float *source, ptrdiff_t plane, kernel_affine_color map, float *restrict target,
                               ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++)
        target[i] = map.matrix[0][0] * source[i] + map.matrix[0][1] * source[plane + i] +
                    map.matrix[0][2] * source[2 * plane + i] + map.offset[0];
}
