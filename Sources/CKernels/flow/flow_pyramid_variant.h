// Pyramid, gradients and structure tensors of one frame.

static void VARIANT(flow_reduce_luma)(const uint8_t *luma, int width, int height, int shift, const flow_level *level,
                                      int first, int last) {
    const uint16_t *taps = reducing_taps[shift];
    const int length = reducing_lengths[shift], before = shift == 2 ? 2 : 1;
    enum { CHUNK = 256, AROUND = 2 };
    uint16_t sums[(CHUNK << 2) + 2 * AROUND];
    for (int y = first; y < last; y++) {
        float *out = level->image + (long)y * level->stride;
        for (int x0 = 0; x0 < level->width; x0 += CHUNK) {
            const int count = level->width - x0 < CHUNK ? level->width - x0 : CHUNK;
            // Vertical sums of columns start ..< end; columns outside the frame are replicated.
            const int start = (x0 << shift) - AROUND, end = ((x0 + count) << shift) + AROUND;
            const int inner_start = start > 0 ? start : 0, inner_end = end < width ? end : width;
            uint16_t *inner = sums + (inner_start - start);
            const int wide = inner_end - inner_start;
            for (int tap = 0; tap < length; tap++) {
                const int row = clamp_int((y << shift) + tap - before, 0, height - 1);
                const uint8_t *in = luma + (long)row * width + inner_start;
                const uint16_t weight = taps[tap];
                if (tap == 0)
                    for (int x = 0; x < wide; x++) inner[x] = (uint16_t)(weight * in[x]);
                else
                    for (int x = 0; x < wide; x++) inner[x] = (uint16_t)(inner[x] + weight * in[x]);
            }
            for (int x = start; x < inner_start; x++) sums[x - start] = inner[0];
            for (int x = inner_end; x < end; x++) sums[x - start] = inner[wide - 1];
            const uint16_t *s = sums + AROUND;
            if (shift == 0)
                for (int x = 0; x < count; x++)
                    out[x0 + x] = (float)(s[x - 1] + 6 * s[x] + s[x + 1]) * (1.0f / 64);
            else if (shift == 1)
                for (int x = 0; x < count; x++)
                    out[x0 + x] = (float)(s[2 * x - 1] + 3 * (s[2 * x] + s[2 * x + 1]) + s[2 * x + 2]) * (1.0f / 64);
            else
                for (int x = 0; x < count; x++)
                    out[x0 + x] = (float)(s[4 * x - 2] + s[4 * x - 1] + 3 * (s[4 * x] + s[4 * x + 1]) +
                                          3 * (s[4 * x + 2] + s[4 * x + 3]) + s[4 * x + 4] + s[4 * x + 5]) *
                                  (1.0f / 256);
        }
    }
}

// The vertical filter 1 3 3 1 of 16 columns.
INLINE f32x16 VARIANT(column_sums)(const float *at, long stride) {
    return (load(at - stride) + load(at + 2 * stride)) + 3.0f * (load(at) + load(at + stride));
}

static void VARIANT(flow_halve)(const flow_level *fine, const flow_level *coarse, int first, int last) {
    const long stride = fine->stride;
    for (int y = first; y < last; y++) {
        const float *row = fine->image + 2 * y * stride;
        float *out = coarse->image + (long)y * coarse->stride;
        for (int x = 0; x < coarse->width; x += 16) {
            const float *at = row + 2 * x;
            const f32x16 low = VARIANT(column_sums)(at, stride), high = VARIANT(column_sums)(at + 16, stride);
            const f32x16 before =
                even_lanes(VARIANT(column_sums)(at - 1, stride), VARIANT(column_sums)(at + 15, stride));
            const f32x16 after =
                even_lanes(VARIANT(column_sums)(at + 2, stride), VARIANT(column_sums)(at + 18, stride));
            store(out + x, ((before + after) + 3.0f * (even_lanes(low, high) + odd_lanes(low, high))) * (1.0f / 64));
        }
    }
}

static void VARIANT(flow_pad)(const flow_level *level, int first, int last) {
    const int right = level->stride - FLOW_MARGIN;
    for (int y = first; y < last; y++) {
        float *row = level->image + (long)y * level->stride;
        for (int x = 1; x <= FLOW_MARGIN; x++) row[-x] = row[0];
        for (int x = level->width; x < right; x++) row[x] = row[level->width - 1];
    }
    if (first == 0)
        for (int y = 1; y <= FLOW_BORDER; y++) copy_row(level, level->image - (long)y * level->stride, level->image);
    if (last == level->height) {
        float *bottom = level->image + (long)(level->height - 1) * level->stride;
        for (int y = 1; y <= FLOW_BORDER; y++) copy_row(level, bottom + (long)y * level->stride, bottom);
    }
}

static void VARIANT(flow_gradients)(const flow_level *level, int first, int last) {
    const long stride = level->stride;
    const int width = level->width;
    const float middle = 0.2f, side = 0.15f;  // smoothing across the difference: 0.3 0.4 0.3, halved
    for (int y = first; y < last; y++) {
        const float *row = level->image + y * stride;
        float *out_x = level->gradient_x + y * stride, *out_y = level->gradient_y + y * stride;
        for (int x = 0; x < width; x += 16) {
            const float *at = row + x;
            const float *above = at - stride, *below = at + stride;
            const f32x16 differences = (load(above + 1) - load(above - 1)) + (load(below + 1) - load(below - 1));
            store(out_x + x, (load(at + 1) - load(at - 1)) * middle + differences * side);
            const f32x16 left = load(below - 1) - load(above - 1), right = load(below + 1) - load(above + 1);
            store(out_y + x, (load(below) - load(above)) * middle + (left + right) * side);
        }
        for (int x = width; x < ((width + 15) & ~15); x++) out_x[x] = out_y[x] = 0;
    }
}

static void VARIANT(flow_tensors)(const flow_level *level, int first, int last) {
    const float inverse_count = 1.0f / (FLOW_PATCH * FLOW_PATCH);
    for (int row = first; row < last; row++) {
        const int y = flow_patch_position(row, level->step, level->height);
        for (int column = 0; column < level->columns; column++) {
            const int x = flow_patch_position(column, level->step, level->width);
            const float *gx = level->gradient_x + (long)y * level->stride + x;
            const float *gy = level->gradient_y + (long)y * level->stride + x;
            f32x16 xx = {}, xy = {}, yy = {};
            f32x16 sum_x = {}, sum_y = {};
            for (int r = 0; r < FLOW_PATCH; r += 2) {
                f32x16 dx = concatenate(load8(gx), load8(gx + level->stride));
                f32x16 dy = concatenate(load8(gy), load8(gy + level->stride));
                gx += 2 * (long)level->stride, gy += 2 * (long)level->stride;
                xx += dx * dx, xy += dx * dy, yy += dy * dy;
                sum_x += dx, sum_y += dy;
            }
            f32x4 squares = horizontal_sums(xx, xy, yy, sum_x), sums = horizontal_sums(sum_y, sum_y, sum_y, sum_y);
            flow_tensor *tensor = level->tensors + (long)row * level->columns + column;
            tensor->sum_x = squares[3];
            tensor->sum_y = sums[0];
            // Damping (Levenberg-Marquardt) prevents motion of patches without texture, and motion along an edge.
            const float damping = 100.0f;
            float hxx = squares[0] - tensor->sum_x * tensor->sum_x * inverse_count + damping;
            float hxy = squares[1] - tensor->sum_x * tensor->sum_y * inverse_count;
            float hyy = squares[2] - tensor->sum_y * tensor->sum_y * inverse_count + damping;
            float determinant = hxx * hyy - hxy * hxy;
            float scale = 1.0f / determinant;
            tensor->inverse_xx = hyy * scale;
            tensor->inverse_xy = -hxy * scale;
            tensor->inverse_yy = hxx * scale;
        }
    }
}
