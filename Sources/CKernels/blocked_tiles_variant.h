// Winograd's minimal filtering with the points 0, 1, -1, 2, -2 and infinity: F(4x4, 3x3) and F(2x2, 5x5), which have the
// transformation of the input in common. Each chunk of tiles is transformed, multiplied and transformed back by one thread, in memory
// that its cache holds.

/// One dimension of the input's transformation.
#define TRANSFORM_SIX(in, out)                                     \
    {                                                              \
        vector sum_a = in(4) - in(2) * 4, sum_b = in(3) - in(1) * 4; \
        vector sum_c = in(4) - in(2), sum_d = in(3) - in(1);       \
        out(0, in(0) * 4 - in(2) * 5 + in(4));                     \
        out(1, sum_a + sum_b);                                     \
        out(2, sum_a - sum_b);                                     \
        out(3, sum_c + sum_d * 2);                                 \
        out(4, sum_c - sum_d * 2);                                 \
        out(5, in(1) * 4 - in(3) * 5 + in(5));                     \
    }

/// A 6x6 window to its 36 points. `value` is where the window begins in the tensor, `row` floats from row to row.
INLINE void VARIANT(transform_window)(entrance way, const float *value, ptrdiff_t row, const float *skip,
                                      ptrdiff_t skip_row, vector scale, vector shift, float *kept, float *points,
                                      ptrdiff_t point) {
    vector half[6][6];
#pragma clang loop unroll(full)
    for (int i = 0; i < 6; i++) {
        vector line[6];
#pragma clang loop unroll(full)
        for (int j = 0; j < 6; j++)
            line[j] = VARIANT(enter)(way, value + i * row + j * LANES, skip + i * skip_row + j * LANES, scale, shift);
        if (kept && i < 4)
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++) VARIANT(store)(kept + i * row + j * LANES, line[j]);
#define IN(j) line[j]
#define OUT(j, v) half[i][j] = v
        TRANSFORM_SIX(IN, OUT)
#undef IN
#undef OUT
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 6; j++) {
#define IN(i) half[i][j]
#define OUT(i, v) VARIANT(store)(points + (i * 6 + j) * point, v)
        TRANSFORM_SIX(IN, OUT)
#undef IN
#undef OUT
    }
}

static __attribute__((noinline)) void VARIANT(transform_plain)(const float *value, ptrdiff_t row, float *points,
                                                               ptrdiff_t point) {
    vector none = {0};
    VARIANT(transform_window)(ENTER_PLAIN, value, row, value, 0, none, none, NULL, points, point);
}

/// Asks for what is new in the window of the next block, while this one is computed.
INLINE void VARIANT(prefetch_window)(const blocked_source *source, int block, int row, int column, int step) {
    if (block * LANES >= source->channels) return;
    const float *value = source->values + VARIANT(place)(source, block, row, column);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < step; j++)
            __builtin_prefetch(value + ((ptrdiff_t)i * source->width + j) * LANES, 0, 2);
    if (!source->skip) return;
    const float *skip = source->skip + VARIANT(skip_place)(source, block, row, column);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < step; j++)
            __builtin_prefetch(skip + ((ptrdiff_t)i * source->skip_width + j) * LANES, 0, 2);
}

/// A whole chunk of tiles, one block of channels, to `points` [36][blocks][tiles][16].
static void VARIANT(transform_tiles)(const blocked_source *source, int block, int step, int tiles_across,
                                     int tiles_down, int first, int count, float *points, ptrdiff_t point) {
    entrance way = VARIANT(entrance_of)(source);
    vector scale = {0}, shift = {0};
    if (source->scale) {
        scale = VARIANT(load)(source->scale + block * LANES);
        shift = VARIANT(load)(source->shift + block * LANES);
    }
    for (int t = 0; t < count; t++, points += LANES) {
        int ty = (first + t) / tiles_across, tx = (first + t) % tiles_across, y = ty * step, x = tx * step;
        int last = ty == tiles_down - 1 || tx == tiles_across - 1;
        // Within the tensor? The tables rise by one there.
        int inside = !last && !source->planes && source->rows[y] >= 0 && source->rows[y + 5] == source->rows[y] + 5 &&
                     source->columns[x] >= 0 && source->columns[x + 5] == source->columns[x] + 5;
        if (!inside) {
            float window[36 * LANES] __attribute__((aligned(64)));
            int kept_rows = ty == tiles_down - 1 ? 6 : step, kept_columns = tx == tiles_across - 1 ? 6 : step;
            if (source->planes)
                VARIANT(fill_planes)(source, y, 6, x, 6, window, LANES);
            else
                VARIANT(fill_block)(source, block, y, 6, x, 6, window, kept_rows, kept_columns);
            VARIANT(transform_plain)(window, 6 * LANES, points, point);
            continue;
        }
        int row = source->rows[y], column = source->columns[x];
        const float *value = source->values + VARIANT(place)(source, block, row, column);
        VARIANT(prefetch_window)(source, block + 1, row, column, step);
        float *kept = source->kept ? source->kept + VARIANT(place)(source, block, row, column) : NULL;
        ptrdiff_t line = (ptrdiff_t)source->width * LANES;
        switch (way) {
            case ENTER_PLAIN:
                VARIANT(transform_window)(ENTER_PLAIN, value, line, value, 0, scale, shift, kept, points, point);
                break;
            case ENTER_RECTIFIED:
                VARIANT(transform_window)(ENTER_RECTIFIED, value, line, value, 0, scale, shift, kept, points, point);
                break;
            case ENTER_SCALED:
                VARIANT(transform_window)(ENTER_SCALED, value, line, value, 0, scale, shift, kept, points, point);
                break;
            case ENTER_SUMMED: {
                const float *skip = source->skip + VARIANT(skip_place)(source, block, row, column);
                VARIANT(transform_window)(ENTER_SUMMED, value, line, skip, (ptrdiff_t)source->skip_width * LANES,
                                          scale, shift, kept, points, point);
            }
        }
    }
}

/// One dimension of the transformation back, 4 or 2 values from six points.
#define BACK_FROM_SIX(step, in, out)                                  \
    {                                                                 \
        vector even_a = in(1) + in(2), odd_a = in(1) - in(2);         \
        vector even_b = in(3) + in(4), odd_b = in(3) - in(4);         \
        out(0, in(0) + even_a + even_b);                              \
        if (step == 2) {                                              \
            out(1, odd_a + odd_b * 2 + in(5));                        \
        } else {                                                      \
            out(1, odd_a + odd_b * 2);                                \
            out(2, even_a + even_b * 4);                              \
            out(3, odd_a + odd_b * 8 + in(5));                        \
        }                                                             \
    }

/// The points of one tile, `point` floats from one to the next, to `step` x `step` values.
INLINE void VARIANT(transform_back)(int step, const float *points, ptrdiff_t point, vector values[4][4]) {
    vector half[4][6];
#pragma clang loop unroll(full)
    for (int j = 0; j < 6; j++) {
#define IN(i) VARIANT(load)(points + (i * 6 + j) * point)
#define OUT(i, v) half[i][j] = v
        BACK_FROM_SIX(step, IN, OUT)
#undef IN
#undef OUT
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < step; i++) {
#define IN(j) half[i][j]
#define OUT(j, v) values[i][j] = v
        BACK_FROM_SIX(step, IN, OUT)
#undef IN
#undef OUT
    }
}

INLINE void VARIANT(finish_tiles)(int step, const blocked_target *target, int block, int tiles_across, int first,
                                  int count, const float *points, ptrdiff_t point, int chunk) {
    VARIANT(moments) moments = {0};
    VARIANT(place_of_block) to = VARIANT(find_block)(target, block);
    for (int t = 0; t < count; t++, points += LANES) {
        int y = (first + t) / tiles_across * step, x = (first + t) % tiles_across * step;
        vector values[4][4];
        VARIANT(transform_back)(step, points, point, values);
        if (t == 0) moments.pivot = values[0][0];
        float *corner = to.values + y * to.row + x * to.column;
        if (y + step <= target->height && x + step <= target->width) {
#pragma clang loop unroll(full)
            for (int i = 0; i < step; i++)
#pragma clang loop unroll(full)
                for (int j = 0; j < step; j++) {
                    VARIANT(store)(corner + i * to.row + j * to.column, values[i][j]);
                    VARIANT(count_value)(&moments, values[i][j]);
                }
        } else {
            for (int i = 0; i < step && y + i < target->height; i++)
                for (int j = 0; j < step && x + j < target->width; j++) {
                    VARIANT(store)(corner + i * to.row + j * to.column, values[i][j]);
                    VARIANT(count_value)(&moments, values[i][j]);
                }
        }
    }
    VARIANT(store_moments)(target, chunk, block, moments);
}

static void VARIANT(convolve_tiles)(const blocked_call *call, int chunk, float *scratch) {
    const blocked_kernel *kernel = call->kernel;
    const blocked_target *target = call->target;
    int step = 7 - kernel->kernel, blocks = blocks_of(kernel->inputs), depth = depth_of(kernel->inputs);
    int tiles_across = (target->width + step - 1) / step, tiles_down = (target->height + step - 1) / step;
    int tiles = tiles_per_chunk(kernel), first = chunk * tiles;
    int count = tiles_across * tiles_down - first < tiles ? tiles_across * tiles_down - first : tiles;

    ptrdiff_t input_point = point_stride(blocks * tiles);
    float *input = scratch, *output = scratch + 36 * input_point;
    for (int block = 0; block < blocks; block++)
        VARIANT(transform_tiles)(call->source, block, step, tiles_across, tiles_down, first, count,
                                 input + (ptrdiff_t)block * tiles * LANES, input_point);

    ptrdiff_t segments[MAXIMUM_BLOCKS];  // the blocks of channels of one point
    for (int block = 0; block < blocks; block++) segments[block] = (ptrdiff_t)block * tiles * LANES;
    ptrdiff_t weight_point = (ptrdiff_t)blocks * depth * LANES, weight_block = 36 * weight_point;
    for (int block = 0; block < target->blocks; block += VARIANT_GROUP) {
        int group = target->blocks - block < VARIANT_GROUP ? 1 : VARIANT_GROUP;
        ptrdiff_t output_point = point_stride(group * tiles);
        const float *weights = call->weights + block * weight_block;
        for (int p = 0; p < 36; p++)
            VARIANT(multiply)(count, group, input + p * input_point, segments, blocks, depth, LANES,
                              weights + p * weight_point, weight_block, output + p * output_point,
                              (ptrdiff_t)tiles * LANES);
        for (int g = 0; g < group; g++) {
            const float *points = output + (ptrdiff_t)g * tiles * LANES;
            if (step == 4)
                VARIANT(finish_tiles)(4, target, block + g, tiles_across, first, count, points, output_point, chunk);
            else
                VARIANT(finish_tiles)(2, target, block + g, tiles_across, first, count, points, output_point, chunk);
        }
    }
}

#undef TRANSFORM_SIX
#undef BACK_FROM_SIX
