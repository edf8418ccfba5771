// The loops of cells.c, compiled once for each variant.

// The pixels of a cell along one side.
typedef struct {
    int first, count;
} VARIANT(span);

INLINE VARIANT(span) VARIANT(span_of)(int index, int side, int length) {
    const int first = index * side < length - 1 ? index * side : length - 1;
    return (VARIANT(span)){first, side < length - first ? side : length - first};
}

// The first `count` lanes; the others are 0.
INLINE f32x4 VARIANT(first_lanes)(f32x4 value, int count) {
    const i32x4 lane = {0, 1, 2, 3};
    return lane < count ? value : (f32x4)0;
}

INLINE float VARIANT(sum_of_lanes)(f32x4 value) { return (value.x + value.y) + (value.z + value.w); }

static void VARIANT(cell_facts)(const flow_level *level, kernel_cells cells, float *luma, float *tensors, int first,
                                int end) {
    for (int row = first; row < end; row++) {
        const VARIANT(span) ys = VARIANT(span_of)(row, cells.side, level->height);
        for (int column = 0; column < cells.columns; column++) {
            const VARIANT(span) xs = VARIANT(span_of)(column, cells.side, level->width);
            f32x4 sum = 0, xx = 0, xy = 0, yy = 0;
            for (int y = ys.first; y < ys.first + ys.count; y++) {
                const long place = (long)y * level->stride + xs.first;
                const f32x4 across = VARIANT(first_lanes)(load4(level->gradient_x + place), xs.count);
                const f32x4 down = VARIANT(first_lanes)(load4(level->gradient_y + place), xs.count);
                sum += VARIANT(first_lanes)(load4(level->image + place), xs.count);
                xx += across * across, xy += across * down, yy += down * down;
            }
            const f32x4 count = (float)(xs.count * ys.count);
            const long index = (long)row * cells.columns + column;
            luma[index] = VARIANT(sum_of_lanes)(sum) / count.x;
            store4(tensors + 4 * index, horizontal_sums4(xx, xy, yy, (f32x4)0) / count);
        }
    }
}

// The pixel to which one is displaced, and the place between it and the next. A place beyond the edge by a cell or more
// is as one beyond by a cell, where the level is padded by replication.
INLINE float VARIANT(displaced)(int position, float shift, int length, int *whole) {
    const float least = -2 * FLOW_CELL, place = clamp((float)position + shift, least, (float)length);
    *whole = (int)(place - least) - 2 * FLOW_CELL;
    return place - (float)*whole;
}

static void VARIANT(cell_errors)(const flow_level *from, const flow_level *to, kernel_cells cells, const float *shifts,
                                 float *errors, int first, int end) {
    for (int row = first; row < end; row++) {
        const VARIANT(span) ys = VARIANT(span_of)(row, cells.side, from->height);
        for (int column = 0; column < cells.columns; column++) {
            const VARIANT(span) xs = VARIANT(span_of)(column, cells.side, from->width);
            const long index = (long)row * cells.columns + column;
            int left, top;
            const float across = VARIANT(displaced)(xs.first, shifts[2 * index], to->width, &left);
            const float down = VARIANT(displaced)(ys.first, shifts[2 * index + 1], to->height, &top);
            const float *there = to->image + (long)top * to->stride + left;
            const float *here = from->image + (long)ys.first * from->stride + xs.first;
            f32x4 sum = 0, upper = load4(there);
            upper += across * (load4(there + 1) - upper);
            for (int y = 0; y < ys.count; y++) {
                there += to->stride;
                f32x4 lower = load4(there);
                lower += across * (load4(there + 1) - lower);
                const f32x4 difference = load4(here) - (upper + down * (lower - upper));
                sum += difference * difference;
                here += from->stride;
                upper = lower;
            }
            errors[index] = VARIANT(sum_of_lanes)(VARIANT(first_lanes)(sum, xs.count)) / (float)(xs.count * ys.count);
        }
    }
}

// Moves up to four pixels between two cells' centres; `share` is the place between them.
INLINE void VARIANT(blend_four)(f32x4 left, f32x4 right, f32x4 share, float *u, float *v) {
    const f32x4 step = right - left;
    const f32x4 x = left.x + step.x * share, y = left.y + step.y * share, weight = left.z + step.z * share;
    const f32x4 from_u = load4(u), from_v = load4(v);
    store4(u, from_u + weight * (x - from_u));
    store4(v, from_v + weight * (y - from_v));
}

// Of four pixels, those of 0..<count of a row of `width` from `x` on.
INLINE void VARIANT(blend_some)(f32x4 left, f32x4 right, f32x4 share, float *u, float *v, int x, int width) {
    float some_u[4] = {0}, some_v[4] = {0};
    const int first = x < 0 ? -x : 0, end = width - x < 4 ? width - x : 4;
    for (int i = first; i < end; i++) some_u[i] = u[x + i], some_v[i] = v[x + i];
    VARIANT(blend_four)(left, right, share, some_u, some_v);
    for (int i = first; i < end; i++) u[x + i] = some_u[i], v[x + i] = some_v[i];
}

static void VARIANT(blend_cells)(const float *cells, int columns, int rows, float *u, float *v, int width, int first,
                                 int end) {
    // The places of the four pixels between two centres.
    const f32x4 share = {0.125f, 0.375f, 0.625f, 0.875f};
    for (int y = first; y < end; y++) {
        const float place = ((float)y + 0.5f) / FLOW_CELL - 0.5f;
        const int above = (int)(place + 1) - 1;  // rounded down
        const f32x4 down = place - (float)above;
        const int upper = above < 0 ? 0 : above, lower = above + 1 < rows ? above + 1 : rows - 1;
        const float *top = cells + 4l * upper * columns, *bottom = cells + 4l * lower * columns;
        float *row_u = u + (long)y * width, *row_v = v + (long)y * width;
        f32x4 left = load4(top) + down * (load4(bottom) - load4(top));
        for (int column = -1; column < columns; column++) {
            const int next = column + 1 < columns ? column + 1 : columns - 1;
            const f32x4 from = load4(top + 4 * next), right = from + down * (load4(bottom + 4 * next) - from);
            const int x = FLOW_CELL * column + FLOW_CELL / 2;
            if (x >= 0 && x + 4 <= width)
                VARIANT(blend_four)(left, right, share, row_u + x, row_v + x);
            else
                VARIANT(blend_some)(left, right, share, row_u, row_v, x, width);
            left = right;
        }
    }
}
