// A patch in registers, and its difference from another frame. Included once for each variant.

INLINE patch VARIANT(load_patch)(const float *at, long stride) {
    patch p;
    for (int r = 0; r < FLOW_PATCH / 2; r++)
        p.rows[r] = concatenate(load8(at + (2 * r) * stride), load8(at + (2 * r + 1) * stride));
    return p;
}

// The bilinearly sampled patch of `level` with its corner at (x, y), minus `template`.
INLINE patch VARIANT(patch_difference)(const flow_level *level, float x, float y, const patch *template) {
    // A patch may be completely outside the frame, in the replicated edge, but not farther out.
    x = clamp(x, -FLOW_PATCH, (float)level->width);
    y = clamp(y, -FLOW_PATCH, (float)level->height);
    const int column = floor_to_int(x), row = floor_to_int(y);
    const f32x16 right = broadcast(x - (float)column), lower = broadcast(y - (float)row);
    const long stride = level->stride;
    const float *at = level->image + row * stride + column;
    f32x16 mixed[FLOW_PATCH / 2 + 1];
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        f32x16 here = concatenate(load8(at), load8(at + stride));
        f32x16 next = concatenate(load8(at + 1), load8(at + stride + 1));
        mixed[r] = here + right * (next - here);
        at += 2 * stride;
    }
    f32x8 here = load8(at), next = load8(at + 1);
    f32x8 last = here + right.lo * (next - here);
    mixed[FLOW_PATCH / 2] = concatenate(last, last);
    patch difference;
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        f32x16 below = concatenate(mixed[r].hi, mixed[r + 1].lo);
        difference.rows[r] = mixed[r] + lower * (below - mixed[r]) - template->rows[r];
    }
    return difference;
}

INLINE evaluation VARIANT(evaluate)(const flow_level *to, float x, float y, const patch *template,
                                    const patch *gradient_x, const patch *gradient_y) {
    patch d = VARIANT(patch_difference)(to, x, y, template);
    f32x16 sum = {}, square = {}, px = {}, py = {};
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        sum += d.rows[r];
        square += d.rows[r] * d.rows[r];
        px += d.rows[r] * gradient_x->rows[r];
        py += d.rows[r] * gradient_y->rows[r];
    }
    f32x4 sums = horizontal_sums(sum, square, px, py);
    const float mean = sums[0] * (1.0f / (FLOW_PATCH * FLOW_PATCH));
    return (evaluation){sums[1] - sums[0] * mean, mean, sums[2], sums[3]};
}

INLINE float VARIANT(cost_at)(const flow_level *to, float x, float y, const patch *template) {
    patch d = VARIANT(patch_difference)(to, x, y, template);
    f32x16 sum = {}, square = {};
    for (int r = 0; r < FLOW_PATCH / 2; r++) {
        sum += d.rows[r];
        square += d.rows[r] * d.rows[r];
    }
    f32x4 sums = horizontal_sums(sum, square, sum, square);
    return sums[1] - sums[0] * sums[0] * (1.0f / (FLOW_PATCH * FLOW_PATCH));
}

// Upscales a row by 2^shift bilinearly; shift is 1 or 2. `row` must have one more sample at each end.
INLINE void VARIANT(expand_row)(const float *restrict row, int shift, float *restrict out, int width) {
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
            const float neighbour = (x & 3) < 2 ? row[whole - 1] : row[whole + 1];
            out[x] = row[whole] + weights[x & 3] * (neighbour - row[whole]);
        }
    }
}
