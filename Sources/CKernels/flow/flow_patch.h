// A patch in registers, and its difference from another frame. Included once for each variant.

INLINE patch load_patch(const float *at, long stride) {
    patch p;
    for (int r = 0; r < FLOW_PATCH / 2; r++)
        p.rows[r] = join(load_half(at + (2 * r) * stride), load_half(at + (2 * r + 1) * stride));
    return p;
}

// The bilinearly sampled patch of `level` with its corner at (x, y), minus `template`.
INLINE patch patch_difference(const flow_level *level, float x, float y, const patch *template) {
    // A patch may be completely outside the frame, in the replicated edge, but not farther out.
    x = clamped(x, -FLOW_PATCH, (float)level->width);
    y = clamped(y, -FLOW_PATCH, (float)level->height);
    const int column = floor_to_int(x), row = floor_to_int(y);
    const floats right = all(x - (float)column), lower = all(y - (float)row);
    const long stride = level->stride;
    const float *at = level->image + row * stride + column;
    floats mixed[FLOW_PATCH / 2 + 1];
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        floats here = join(load_half(at), load_half(at + stride));
        floats next = join(load_half(at + 1), load_half(at + stride + 1));
        mixed[r] = here + right * (next - here);
        at += 2 * stride;
    }
    half_floats here = load_half(at), next = load_half(at + 1);
    half_floats last = here + low_half(right) * (next - here);
    mixed[FLOW_PATCH / 2] = join(last, last);
    patch difference;
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        floats below = join(high_half(mixed[r]), low_half(mixed[r + 1]));
        difference.rows[r] = mixed[r] + lower * (below - mixed[r]) - template->rows[r];
    }
    return difference;
}

INLINE evaluation evaluate(const flow_level *to, float x, float y, const patch *template, const patch *gradient_x,
                           const patch *gradient_y) {
    patch d = patch_difference(to, x, y, template);
    floats sum = {}, square = {}, px = {}, py = {};
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        sum += d.rows[r];
        square += d.rows[r] * d.rows[r];
        px += d.rows[r] * gradient_x->rows[r];
        py += d.rows[r] * gradient_y->rows[r];
    }
    quarter_floats sums = sums_of_four(sum, square, px, py);
    const float mean = sums[0] * (1.0f / (FLOW_PATCH * FLOW_PATCH));
    return (evaluation){sums[1] - sums[0] * mean, mean, sums[2], sums[3]};
}

INLINE float cost_at(const flow_level *to, float x, float y, const patch *template) {
    patch d = patch_difference(to, x, y, template);
    floats sum = {}, square = {};
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        sum += d.rows[r];
        square += d.rows[r] * d.rows[r];
    }
    quarter_floats sums = sums_of_four(sum, square, sum, square);
    return sums[1] - sums[0] * sums[0] * (1.0f / (FLOW_PATCH * FLOW_PATCH));
}

// Upscales a row by 2^shift bilinearly; shift is 1 or 2. `row` must have one more sample at each end.
INLINE void expand_row(const float *restrict row, int shift, float *restrict out, int width) {
    if (shift == 1) {
        const int whole = width / 2;
        for (int x = 0; x < whole; x++) {
            out[2 * x] = row[x] + 0.25f * (row[x - 1] - row[x]);
            out[2 * x + 1] = row[x] + 0.25f * (row[x + 1] - row[x]);
        }
        if (width & 1) out[width - 1] = row[whole] + 0.25f * (row[whole - 1] - row[whole]);
    } else {
        const int whole = width / 4;
        for (int x = 0; x < whole; x++) {
            const float before = row[x - 1] - row[x], after = row[x + 1] - row[x];
            out[4 * x] = row[x] + 0.375f * before;
            out[4 * x + 1] = row[x] + 0.125f * before;
            out[4 * x + 2] = row[x] + 0.125f * after;
            out[4 * x + 3] = row[x] + 0.375f * after;
        }
        static const float weights[4] = {0.375f, 0.125f, 0.125f, 0.375f};
        for (int x = 4 * whole; x < width; x++) {
            const float other = (x & 3) < 2 ? row[whole - 1] : row[whole + 1];
            out[x] = row[whole] + weights[x & 3] * (other - row[whole]);
        }
    }
}
