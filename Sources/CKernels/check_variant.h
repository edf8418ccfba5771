// The loop of check.c, compiled once for each variant. Without branches, so that it vectorises with gathers.

static inline float VARIANT(square)(float x, float y) { return x * x + y * y; }

static void VARIANT(check_flow)(kernel_flow flow, kernel_flow reverse, kernel_consistency limits,
                                float *restrict certainty, int first, int end) {
    const int width = flow.width, height = flow.height;
    for (int y = first; y < end; y++) {
        const float *restrict u = flow.u + (ptrdiff_t)y * width, *restrict v = flow.v + (ptrdiff_t)y * width;
        const ptrdiff_t above = y > 0 ? -width : 0, below = y < height - 1 ? width : 0;
        float *restrict row = certainty + (ptrdiff_t)y * width;
        for (int x = 0; x < width; x++) {
            // The target, kept where a conversion to int is defined; a displacement that is no number goes far left.
            float tx = (float)x + u[x], ty = (float)y + v[x];
            tx = tx > -2 ? tx : -2;
            tx = tx < (float)(width + 1) ? tx : (float)(width + 1);
            ty = ty > -2 ? ty : -2;
            ty = ty < (float)(height + 1) ? ty : (float)(height + 1);
            int left = (int)tx, top = (int)ty;
            left -= (float)left > tx;
            top -= (float)top > ty;
            const int inside = (left >= 0) & (left + 1 < width) & (top >= 0) & (top + 1 < height);
            const float across = tx - (float)left, down = ty - (float)top;

            // The reverse flow there; any pixel will do for targets outside.
            const int corner = inside ? top * width + left : 0;
            const int right = inside ? corner + 1 : 0, lower = inside ? corner + width : 0;
            const int opposite = inside ? corner + width + 1 : 0;
            const float back_u = (1 - down) * ((1 - across) * reverse.u[corner] + across * reverse.u[right]) +
                                 down * ((1 - across) * reverse.u[lower] + across * reverse.u[opposite]);
            const float back_v = (1 - down) * ((1 - across) * reverse.v[corner] + across * reverse.v[right]) +
                                 down * ((1 - across) * reverse.v[lower] + across * reverse.v[opposite]);
            const float length = VARIANT(square)(u[x], v[x]);
            const float error = VARIANT(square)(u[x] + back_u, v[x] + back_v);
            int certain = inside & (error < limits.scale * (length + VARIANT(square)(back_u, back_v)) + limits.offset);

            const int before = x > 0 ? x - 1 : x, after = x < width - 1 ? x + 1 : x;
            const float gradient = VARIANT(square)((u[after] - u[before]) * 0.5f, (v[after] - v[before]) * 0.5f) +
                                   VARIANT(square)((u[x + below] - u[x + above]) * 0.5f, (v[x + below] - v[x + above]) * 0.5f);
            certain &= !limits.boundaries | (gradient <= limits.boundary_scale * length + limits.boundary_offset);
            row[x] = (float)certain;
        }
    }
}
