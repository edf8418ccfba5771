// Variational refinement (Kroeger et al. 2016, section 2.3; Brox et al. 2004). The energy has normalised, robust data
// terms, constancy of brightness and of its gradient, and the flow's total variation as smoothness term. It is
// minimised with lagged weights and red-black successive over-relaxation. The unknown is the full displacement, not an
// increment.

// Catmull-Rom weights of the four samples around a position `t` after the second. Bilinear sampling would blur, which
// the refinement would take for motion.
INLINE f32x4 VARIANT(cubic_weights)(float t) {
    const f32x4 cube = {-0.5f, 1.5f, -1.5f, 0.5f}, square = {1.0f, -2.5f, 2.0f, -0.5f};
    const f32x4 line = {-0.5f, 0.0f, 0.5f, 0.0f}, constant = {0.0f, 1.0f, 0.0f, 0.0f};
    return ((cube * t + square) * t + line) * t + constant;
}

// Of the 4x4 samples around `at`: the sums of the columns with the vertical weights of `t`, times the horizontal ones
// of `s`.
INLINE f32x4 VARIANT(cubic_column)(const float *at, long stride, float s, float t) {
    const f32x4 down = VARIANT(cubic_weights)(t);
    f32x4 rows[4];
    for (int row = 0; row < 4; row++) rows[row] = load4(at + (row - 1) * stride - 1);
    return VARIANT(cubic_weights)(s) *
           ((rows[0] * down[0] + rows[1] * down[1]) + (rows[2] * down[2] + rows[3] * down[3]));
}

static void VARIANT(flow_refine_warp)(const flow_level *from, const flow_level *to, const flow_vectors *flow,
                                      const flow_refinement *r, int first, int last) {
    const int width = r->width, height = r->height;
    const float right_edge = (float)(width - 1), bottom_edge = (float)(height - 1);
    const long stride = to->stride;
    for (int y = first; y < last; y++) {
        const float *u = flow->u + (long)y * flow->stride, *v = flow->v + (long)y * flow->stride;
        const float *frame = from->image + (long)y * from->stride;
        float *mean = r->mean + (long)y * r->plane_stride, *difference = r->difference + (long)y * r->plane_stride;
        float *valid = r->valid + (long)y * r->plane_stride;
        for (int x = 0; x < width; x += 4) {
            f32x4 columns[4];
            for (int k = 0; k < 4; k++) {
                const float at_x = (float)(x + k) + u[x + k], at_y = (float)y + v[x + k];
                const float inside_x = clamp(at_x, 0, right_edge), inside_y = clamp(at_y, 0, bottom_edge);
                const int left = (int)inside_x, top = (int)inside_y;
                valid[x + k] = (float)((x + k < width) & (at_x == inside_x) & (at_y == inside_y));
                columns[k] = VARIANT(cubic_column)(to->image + top * stride + left, stride, inside_x - (float)left,
                                                   inside_y - (float)top);
            }
            const f32x4 value = horizontal_sums4(columns[0], columns[1], columns[2], columns[3]);
            const f32x4 here = load4(frame + x);
            store4(mean + x, 0.5f * (here + value));
            store4(difference + x, value - here);
        }
        for (int x = 1; x <= 2; x++) {
            mean[-x] = mean[0], difference[-x] = difference[0];
            mean[width - 1 + x] = mean[width - 1], difference[width - 1 + x] = difference[width - 1];
        }
    }
    const size_t row_bytes = (size_t)r->plane_stride * sizeof(float);
    float *planes[2] = {r->mean - FLOW_SLACK / 2, r->difference - FLOW_SLACK / 2};
    for (int plane = 0; plane < 2; plane++)
        for (int y = 1; y <= 2; y++) {
            float *bottom = planes[plane] + (long)(height - 1) * r->plane_stride;
            if (first == 0) __builtin_memcpy(planes[plane] - (long)y * r->plane_stride, planes[plane], row_bytes);
            if (last == height) __builtin_memcpy(bottom + (long)y * r->plane_stride, bottom, row_bytes);
        }
}

// The nine coefficients of the linearised, normalised data terms at 16 pixels. The last of each three is the constant:
// the residual at zero displacement.
INLINE void VARIANT(linearize_sixteen)(const flow_refinement *r, const float *mean, const float *difference,
                                       f32x16 valid, f32x16 u, f32x16 v, f32x16 *data) {
    const long stride = r->plane_stride;
#define AT(plane, dx, dy) load(plane + (dy) * stride + (dx))
    const f32x16 center = AT(mean, 0, 0) * 2.0f;
    const f32x16 x = (AT(mean, 1, 0) - AT(mean, -1, 0)) * 0.5f;
    const f32x16 y = (AT(mean, 0, 1) - AT(mean, 0, -1)) * 0.5f;
    const f32x16 z = AT(difference, 0, 0);
    const f32x16 xx = (AT(mean, 2, 0) - center + AT(mean, -2, 0)) * 0.25f;
    const f32x16 yy = (AT(mean, 0, 2) - center + AT(mean, 0, -2)) * 0.25f;
    const f32x16 xy = ((AT(mean, 1, 1) - AT(mean, -1, 1)) - (AT(mean, 1, -1) - AT(mean, -1, -1))) * 0.25f;
    const f32x16 xz = (AT(difference, 1, 0) - AT(difference, -1, 0)) * 0.5f;
    const f32x16 yz = (AT(difference, 0, 1) - AT(difference, 0, -1)) * 0.5f;
#undef AT
    const f32x16 brightness = valid / square_root(x * x + y * y + normalization);
    const f32x16 horizontal = valid / square_root(xx * xx + xy * xy + normalization);
    const f32x16 vertical = valid / square_root(xy * xy + yy * yy + normalization);
    data[0] = x * brightness, data[1] = y * brightness, data[2] = (z - x * u - y * v) * brightness;
    data[3] = xx * horizontal, data[4] = xy * horizontal, data[5] = (xz - xx * u - xy * v) * horizontal;
    data[6] = xy * vertical, data[7] = yy * vertical, data[8] = (yz - xy * u - yy * v) * vertical;
}

static void VARIANT(flow_refine_linearize)(const flow_refinement *r, const flow_vectors *flow, int first, int last) {
    for (int y = first; y < last; y++) {
        const long plane_row = (long)y * r->plane_stride;
        const float *mean = r->mean + plane_row, *difference = r->difference + plane_row, *valid = r->valid + plane_row;
        const float *u = flow->u + (long)y * flow->stride, *v = flow->v + (long)y * flow->stride;
        for (int x = 0; x < r->width; x += 32) {
            f32x16 low[9], high[9];
            const f32x16 low_u = load(u + x), low_v = load(v + x), high_u = load(u + x + 16), high_v = load(v + x + 16);
            VARIANT(linearize_sixteen)(r, mean + x, difference + x, load(valid + x), low_u, low_v, low);
            VARIANT(linearize_sixteen)(r, mean + x + 16, difference + x + 16, load(valid + x + 16), high_u, high_v,
                                       high);
            const long to = (long)y * r->stride + x / 2;
            for (int k = 0; k < 9; k++) {
                store(r->data[k] + to, even_lanes(low[k], high[k]));
                store(r->data[k] + to + r->half, odd_lanes(low[k], high[k]));
            }
            store(r->u + to, even_lanes(low_u, high_u));
            store(r->u + to + r->half, odd_lanes(low_u, high_u));
            store(r->v + to, even_lanes(low_v, high_v));
            store(r->v + to + r->half, odd_lanes(low_v, high_v));
        }
    }
}

static void VARIANT(flow_refine_weights)(const flow_refinement *planes, int first, int last) {
    const flow_refinement r = *planes;  // in registers: vectors may alias anything
    const i32x16 lanes = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};
    for (int y = first; y < last; y++)
        for (int parity = 0; parity < 2; parity++) {
            const long row = (long)y * r.stride, here = row + parity * r.half;
            const long beside = parity ? row + 1 : row + r.half;  // the right neighbour of the same index
            const i32x16 not_last_row = (i32x16){} + (y + 1 < r.height ? -1 : 0);
            for (int i = 0; 2 * i < r.width; i += 16) {
                const i32x16 x = lanes + (2 * i + parity);
                const i32x16 inside = x < r.width, has_right = x + 1 < r.width;
                const i32x16 has_lower = inside & not_last_row;
                const f32x16 u = load(r.u + here + i), v = load(r.v + here + i);
                const f32x16 none = {};
                const f32x16 ux = has_right ? load(r.u + beside + i) - u : none;
                const f32x16 vx = has_right ? load(r.v + beside + i) - v : none;
                const f32x16 uy = has_lower ? load(r.u + here + r.stride + i) - u : none;
                const f32x16 vy = has_lower ? load(r.v + here + r.stride + i) - v : none;
                const f32x16 smoothness = r.alpha / square_root(ux * ux + uy * uy + (vx * vx + vy * vy) + robustness);
                store(r.weight_right + here + i, has_right ? smoothness : none);
                store(r.weight_down + here + i, has_lower ? smoothness : none);

                f32x16 d[9];
                for (int k = 0; k < 9; k++) d[k] = load(r.data[k] + here + i);
                const f32x16 brightness = d[2] + d[0] * u + d[1] * v;
                const f32x16 horizontal = d[5] + d[3] * u + d[4] * v;
                const f32x16 vertical = d[8] + d[6] * u + d[7] * v;
                const f32x16 s = r.delta / square_root(brightness * brightness + robustness);
                const f32x16 t = r.gamma / square_root(horizontal * horizontal + vertical * vertical + robustness);
                store(r.a11 + here + i, s * (d[0] * d[0]) + t * (d[3] * d[3] + d[6] * d[6]));
                store(r.a12 + here + i, s * (d[0] * d[1]) + t * (d[3] * d[4] + d[6] * d[7]));
                store(r.a22 + here + i, s * (d[1] * d[1]) + t * (d[4] * d[4] + d[7] * d[7]));
                store(r.b1 + here + i, -(s * (d[0] * d[2]) + t * (d[3] * d[5] + d[6] * d[8])));
                store(r.b2 + here + i, -(s * (d[1] * d[2]) + t * (d[4] * d[5] + d[7] * d[8])));
            }
        }
}

static void VARIANT(flow_refine_diagonals)(const flow_refinement *planes, int first, int last) {
    const flow_refinement r = *planes;  // in registers: vectors may alias anything
    for (int y = first; y < last; y++)
        for (int parity = 0; parity < 2; parity++) {
            const long row = (long)y * r.stride, here = row + parity * r.half;
            const long before = parity ? row : row + r.half - 1;
            for (int i = 0; 2 * i < r.width; i += 16) {
                const f32x16 sum = load(r.weight_right + here + i) + load(r.weight_right + before + i) +
                                   (load(r.weight_down + here + i) + load(r.weight_down + here - r.stride + i)) + 1e-6f;
                store(r.a11 + here + i, r.omega / (load(r.a11 + here + i) + sum));
                store(r.a22 + here + i, r.omega / (load(r.a22 + here + i) + sum));
            }
        }
}

// One row of a half-sweep: pixels with (x + y) even (color 0) or odd (1).
INLINE void VARIANT(relax_row)(const flow_refinement *planes, int color, int y) {
    const flow_refinement r = *planes;  // in registers: vectors may alias anything
    const float keep = 1.0f - r.omega;
    const int parity = (y + color) & 1;
    const long row = (long)y * r.stride, here = row + parity * r.half;
    const long left = parity ? row : row + r.half - 1, right = left + 1;
    const long above = here - r.stride, below = here + r.stride;
    for (int i = 0; 2 * i < r.width; i += 16) {
        const f32x16 to_right = load(r.weight_right + here + i), to_left = load(r.weight_right + left + i);
        const f32x16 down = load(r.weight_down + here + i), up = load(r.weight_down + above + i);
        const f32x16 a12 = load(r.a12 + here + i);
        const f32x16 u = load(r.u + here + i), v = load(r.v + here + i);
        const f32x16 around_u = to_right * load(r.u + right + i) + to_left * load(r.u + left + i) +
                                (down * load(r.u + below + i) + up * load(r.u + above + i));
        const f32x16 around_v = to_right * load(r.v + right + i) + to_left * load(r.v + left + i) +
                                (down * load(r.v + below + i) + up * load(r.v + above + i));
        const f32x16 new_u = u * keep + load(r.a11 + here + i) * (load(r.b1 + here + i) + around_u - a12 * v);
        const f32x16 new_v = v * keep + load(r.a22 + here + i) * (load(r.b2 + here + i) + around_v - a12 * new_u);
        store(r.u + here + i, new_u);
        store(r.v + here + i, new_v);
    }
}

static void VARIANT(flow_refine_relax)(const flow_refinement *r, int half_sweeps, int grow, int first, int last) {
    // Each half-sweep is one row behind the previous one, so that all of them find their rows in the cache.
    for (int step = first - half_sweeps; step < last + 2 * half_sweeps; step++)
        for (int k = 0; k < half_sweeps; k++) {
            const int y = step - k;
            const int begin = grow ? first - k : first > 0 ? first + k : 0;
            const int end = grow ? first + k : last < r->height ? last - k : last;
            if (y >= begin && y < end && y < r->height) VARIANT(relax_row)(r, k & 1, y);
        }
}

static void VARIANT(flow_refine_store)(const flow_refinement *r, flow_vectors *flow, int first, int last) {
    for (int y = first; y < last; y++) {
        const long from = (long)y * r->stride, to = (long)y * flow->stride;
        for (int x = 0; x < r->width; x += 32) {
            const f32x16 even_u = load(r->u + from + x / 2), odd_u = load(r->u + from + r->half + x / 2);
            const f32x16 even_v = load(r->v + from + x / 2), odd_v = load(r->v + from + r->half + x / 2);
            store(flow->u + to + x, interleave_low(even_u, odd_u));
            store(flow->u + to + x + 16, interleave_high(even_u, odd_u));
            store(flow->v + to + x, interleave_low(even_v, odd_v));
            store(flow->v + to + x + 16, interleave_high(even_v, odd_v));
        }
    }
}
