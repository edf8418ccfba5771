// The loops of warp.c, compiled once for each variant.

static void VARIANT(make_texels)(const float *source, ptrdiff_t plane, int width, int height, int channels,
                                 float *texels, int first, int end) {
    const ptrdiff_t stride = 4 * ((ptrdiff_t)width + KERNEL_TEXEL_BORDER);
    for (int line = first; line < end; line++) {
        const int y = line < 3 ? 0 : line - 3 < height ? line - 3 : height - 1;
        float *restrict row = texels + line * stride + 3 * 4;
        const float *restrict a = source + (ptrdiff_t)y * width;
        if (channels == 3) {
            const float *restrict b = a + plane, *restrict c = b + plane;
            for (int x = 0; x < width; x++) {
                row[4 * x] = a[x];
                row[4 * x + 1] = b[x];
                row[4 * x + 2] = c[x];
                row[4 * x + 3] = 0;
            }
        } else {
            for (int x = 0; x < width; x++)
                for (int channel = 0; channel < 4; channel++)
                    row[4 * x + channel] = channel < channels ? a[channel * plane + x] : 0;
        }
        const float *last = row + 4 * ((ptrdiff_t)width - 1);
        for (int x = 0; x < 3; x++) __builtin_memcpy(row - 12 + 4 * x, row, 4 * sizeof *row);
        for (int x = 0; x < 4; x++) __builtin_memcpy(row + 4 * ((ptrdiff_t)width + x), last, 4 * sizeof *row);
    }
}

// Cubic weights of the four samples around a position `t` after the second (Keys 1981).
static inline void VARIANT(cubic_weights)(f32x4 t, float a, f32x4 weights[4]) {
    const f32x4 s = 1 - t;
    weights[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
    weights[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    weights[2] = ((a + 2) * s - (a + 3)) * s * s + 1;
    weights[3] = ((a * (s + 1) - 5 * a) * (s + 1) + 8 * a) * (s + 1) - 4 * a;
}

// One load reads four samples of a row with four channels each. The rows are summed first, then the columns.
static inline f32x4 VARIANT(mix_cubic)(const float *corner, ptrdiff_t stride, f32x4 columns, f32x4 rows) {
    f32x16 samples[4];
    for (int j = 0; j < 4; j++) samples[j] = load(corner + j * stride);
    const f32x16 sum = rows.x * samples[0] + rows.y * samples[1] + rows.z * samples[2] + rows.w * samples[3];
    return sum_quarters(sum * repeat4(columns));
}

static inline f32x4 VARIANT(mix_linear)(const float *corner, ptrdiff_t stride, float across, float down) {
    const f32x8 sum = (1 - down) * load8(corner) + down * load8(corner + stride);
    return (1 - across) * sum.lo + across * sum.hi;
}

static inline f32x4 VARIANT(clamped)(f32x4 value, float low, float high) {
    value = value > low ? value : (f32x4)low;  // NaN becomes low
    return value < high ? value : (f32x4)high;
}

static inline i32x4 VARIANT(floor)(f32x4 value) {
    const i32x4 cut = __builtin_convertvector(value, i32x4);
    return cut + (__builtin_convertvector(cut, f32x4) > value);  // true is -1
}

// The parameter of cubic interpolation for images that are warped again and again: it keeps their sharpness. An anchor
// is warped once in some frames; -0.6 sharpens it as much as the network blurs it.
static const float VARIANT(repeated) = -0.75f, VARIANT(once) = -0.6f;

// The image that is sampled.
typedef struct {
    const float *texels;
    int width, height;
} VARIANT(source);

// Samples four positions (tx, ty). The results are the four channels, of four pixels each.
// Cubic with the given `a`, or bilinear if that is 0.
INLINE void VARIANT(take_four)(VARIANT(source) source, f32x4 tx, f32x4 ty, float cubic, f32x4 pixels[4]) {
    const ptrdiff_t stride = 4 * ((ptrdiff_t)source.width + KERNEL_TEXEL_BORDER);
    tx = VARIANT(clamped)(tx, -2, (float)(source.width + 1));
    ty = VARIANT(clamped)(ty, -2, (float)(source.height + 1));
    const i32x4 left = VARIANT(floor)(tx), top = VARIANT(floor)(ty);
    const f32x4 across = tx - __builtin_convertvector(left, f32x4), down = ty - __builtin_convertvector(top, f32x4);
    f32x4 columns[4], rows[4];
    if (cubic != 0) {
        VARIANT(cubic_weights)(across, cubic, columns);
        VARIANT(cubic_weights)(down, cubic, rows);
        transpose4(columns);
        transpose4(rows);
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < 4; p++) {
        const float *texel = source.texels + (top[p] + 3) * stride + 4 * (ptrdiff_t)(left[p] + 3);
        pixels[p] = cubic != 0 ? VARIANT(mix_cubic)(texel - stride - 4, stride, columns[p], rows[p])
                               : VARIANT(mix_linear)(texel, stride, across[p], down[p]);
    }
    transpose4(pixels);
}

// Samples four positions (tx, ty); writes `target[channel * plane + p]` for p < count.
INLINE void VARIANT(sample_four)(VARIANT(source) source, f32x4 tx, f32x4 ty, int channels, int cubic, float *target,
                                 ptrdiff_t plane, int count) {
    f32x4 pixels[4];
    VARIANT(take_four)(source, tx, ty, cubic ? VARIANT(repeated) : 0, pixels);
    for (int channel = 0; channel < channels; channel++)
        __builtin_memcpy(target + channel * plane, &pixels[channel], (size_t)count * sizeof *target);
}

INLINE void VARIANT(warp_rows)(kernel_flow flow, const float *texels, int channels, int cubic, const float *certainty,
                               float *target, ptrdiff_t plane, int first, int end) {
    const VARIANT(source) source = {texels, flow.width, flow.height};
    for (int y = first; y < end; y++) {
        const ptrdiff_t row = (ptrdiff_t)y * flow.width;
        int x = 0;
        for (; x + 4 <= flow.width; x += 4) {
            const f32x4 u = load4(flow.u + row + x), v = load4(flow.v + row + x);
            VARIANT(sample_four)(source, (float)x + (f32x4){0, 1, 2, 3} + u, (float)y + v, channels, cubic,
                                 target + row + x, plane, 4);
        }
        const int rest = flow.width - x;
        if (rest > 0) {
            f32x4 u = 0, v = 0;
            __builtin_memcpy(&u, flow.u + row + x, (size_t)rest * sizeof(float));
            __builtin_memcpy(&v, flow.v + row + x, (size_t)rest * sizeof(float));
            VARIANT(sample_four)(source, (float)x + (f32x4){0, 1, 2, 3} + u, (float)y + v, channels, cubic,
                                 target + row + x, plane, rest);
        }
        // While the row is in the cache.
        for (int channel = 0; certainty && channel < channels; channel++) {
            float *restrict line = target + channel * plane + row;
            for (x = 0; x < flow.width; x++) line[x] *= certainty[row + x];
        }
    }
}

static void VARIANT(warp)(kernel_flow flow, const float *texels, int channels, int cubic, const float *certainty,
                          float *target, ptrdiff_t plane, int first, int end) {
    if (cubic && channels == 3)
        VARIANT(warp_rows)(flow, texels, 3, 1, certainty, target, plane, first, end);
    else if (cubic)
        VARIANT(warp_rows)(flow, texels, channels, 1, certainty, target, plane, first, end);
    else if (channels == 3)
        VARIANT(warp_rows)(flow, texels, 3, 0, certainty, target, plane, first, end);
    else
        VARIANT(warp_rows)(flow, texels, channels, 0, certainty, target, plane, first, end);
}

static void VARIANT(sample)(kernel_affine map, const float *texels, int source_width, int source_height, int channels,
                            float *target, int width, int height, int first, int end) {
    const VARIANT(source) source = {texels, source_width, source_height};
    const ptrdiff_t plane = (ptrdiff_t)width * height;
    for (int y = first; y < end; y++) {
        const float left = map.xy * (float)y + map.x, top = map.yy * (float)y + map.y;
        for (int x = 0; x < width; x += 4) {
            const f32x4 column = (float)x + (f32x4){0, 1, 2, 3};
            VARIANT(sample_four)(source, map.xx * column + left, map.yx * column + top, channels, 1,
                                 target + (ptrdiff_t)y * width + x, plane, width - x < 4 ? width - x : 4);
        }
    }
}

static void VARIANT(weigh_agreement)(const float *restrict image, const float *restrict other, ptrdiff_t plane,
                                     float scale, float *restrict weight, ptrdiff_t first, ptrdiff_t end) {
    for (ptrdiff_t i = first; i < end; i++) {
        const float a = image[i] - other[i], b = image[plane + i] - other[plane + i],
                    c = image[2 * plane + i] - other[2 * plane + i];
        weight[i] /= 1 + scale * (a * a + b * b + c * c);
    }
}

// Weights below this, and above 1 minus this, are as good as 0 and 1: then one image is enough.
static const float VARIANT(negligible) = 0.02f;

INLINE void VARIANT(warp_anchored_four)(f32x4 x, f32x4 y, f32x4 u, f32x4 v, f32x4 certainty, VARIANT(source) last,
                                        VARIANT(source) anchor, VARIANT(source) path, int cubic, float *way,
                                        float *target, ptrdiff_t plane, int count) {
    f32x4 step[4], pixels[4], older[4];
    const f32x4 near_x = x + u, near_y = y + v;
    VARIANT(take_four)(path, near_x, near_y, 0, step);
    u += step[0];
    v += step[1];
    // Non-finite displacements would spread.
    const i32x4 valid = u * u + v * v < 1e12f;
    u = valid ? u : (f32x4)0;
    v = valid ? v : (f32x4)0;
    f32x4 weight = step[2] * certainty;
    weight = (valid & (weight >= VARIANT(negligible))) ? weight : (f32x4)0;
    const f32x4 blend = weight > 1 - VARIANT(negligible) ? (f32x4)1 : weight;
    const f32x4 all[3] = {u, v, weight};
    const float least = __builtin_reduce_min(blend), most = __builtin_reduce_max(blend);
    if (least < 1) VARIANT(take_four)(last, near_x, near_y, cubic ? VARIANT(repeated) : 0, pixels);
    if (most > 0) VARIANT(take_four)(anchor, x + u, y + v, cubic ? VARIANT(once) : 0, older);
    for (int channel = 0; channel < 3; channel++) {
        const f32x4 value = most <= 0   ? pixels[channel]
                            : least >= 1 ? older[channel]
                                         : pixels[channel] + blend * (older[channel] - pixels[channel]);
        __builtin_memcpy(target + channel * plane, &value, (size_t)count * sizeof *target);
        __builtin_memcpy(way + channel * plane, &all[channel], (size_t)count * sizeof *way);
    }
}

INLINE void VARIANT(warp_anchored_rows)(kernel_flow flow, const float *certainty, kernel_anchored source, int cubic,
                                        float *way, float *target, ptrdiff_t plane, int first, int end) {
    const VARIANT(source) last = {source.last, flow.width, flow.height};
    const VARIANT(source) anchor = {source.anchor, flow.width, flow.height};
    const VARIANT(source) path = {source.way, flow.width, flow.height};
    for (int y = first; y < end; y++) {
        const ptrdiff_t row = (ptrdiff_t)y * flow.width;
        for (int x = 0; x < flow.width; x += 4) {
            const int count = flow.width - x < 4 ? flow.width - x : 4;
            f32x4 u = 0, v = 0, certain = 0;
            __builtin_memcpy(&u, flow.u + row + x, (size_t)count * sizeof(float));
            __builtin_memcpy(&v, flow.v + row + x, (size_t)count * sizeof(float));
            __builtin_memcpy(&certain, certainty + row + x, (size_t)count * sizeof(float));
            VARIANT(warp_anchored_four)((float)x + (f32x4){0, 1, 2, 3}, (float)y, u, v, certain, last, anchor, path,
                                        cubic, way + row + x, target + row + x, plane, count);
        }
    }
}

static void VARIANT(warp_anchored)(kernel_flow flow, const float *certainty, kernel_anchored source, int cubic,
                                   float *way, float *target, ptrdiff_t plane, int first, int end) {
    if (cubic)
        VARIANT(warp_anchored_rows)(flow, certainty, source, 1, way, target, plane, first, end);
    else
        VARIANT(warp_anchored_rows)(flow, certainty, source, 0, way, target, plane, first, end);
}
