// Winograd convolution, Y = A^T [(G g G^T) * (B^T d B)] A of a tile d and weights g, summed over the input channels
// before the output transform. One thread computes a chunk of tiles: input transform, products and output transform, in
// scratch memory that fits into the cache. There are three kinds of tiles, see `tile_shape`:
// - 3x3 kernels, F(4x4, 3x3), and 5x5 kernels, F(2x2, 5x5), with the points 0, 1, -1, 2, -2 and infinity. They share
//   the input transform.
// - 3x3 kernels with stride 2. Along one axis the first and last tap read the even inputs. They are a kernel of two
//   taps, F(3, 2) with the points 0, 1, -1 and infinity. The middle tap reads the odd inputs, which are not
//   transformed. 9 outputs take 49 multiplications; direct convolution takes 81.

/// One dimension of the output transform: points to four, two or three values.
///
/// F(4, 3), F(2, 5), and 3 taps with stride 2:
///
///           | 1  1  1  1  1  0 |
///     A^T = | 0  1 -1  2 -2  0 |     A^T = | 1  1  1  1  1  0 |           | 1  1  1  0  1  0  0 |
///           | 0  1  1  4  4  0 |           | 0  1 -1  2 -2  1 |     A^T = | 0  1 -1  0  0  1  0 |
///           | 0  1 -1  8 -8  1 |                                          | 0  1  1  1  0  0  1 |
INLINE void VARIANT(transform_output_line)(int points, int step, const f32x16 *in, f32x16 *out) {
    f32x16 even = in[1] + in[2], odd = in[1] - in[2];
    if (points == 7) {
        out[0] = in[0] + even + in[4];
        out[1] = odd + in[5];
        out[2] = even + in[3] + in[6];
        return;
    }
    f32x16 far_even = in[3] + in[4], far_odd = in[3] - in[4];
    out[0] = in[0] + even + far_even;
    if (step == 2) {
        out[1] = odd + far_odd * 2 + in[5];
    } else {
        out[1] = odd + far_odd * 2;
        out[2] = even + far_even * 4;
        out[3] = odd + far_odd * 8 + in[5];
    }
}

/// The prologue and input transform of a window. `value` points to its corner in the tensor, whose rows are `row`
/// floats apart. `materialized`, if not NULL, is where the prologue's results of the first `step` rows and columns are
/// stored.
INLINE void VARIANT(transform_window)(int points, int step, prologue kind, const float *value, ptrdiff_t row,
                                      const float *skip, ptrdiff_t skip_row, const unsigned short *mask,
                                      ptrdiff_t mask_row, f32x16 scale, f32x16 shift, float *materialized,
                                      float *output, ptrdiff_t point) {
    f32x16 half[7][7];
#pragma clang loop unroll(full)
    for (int i = 0; i < points; i++) {
        f32x16 line[7], transformed[7];
#pragma clang loop unroll(full)
        for (int j = 0; j < points; j++) {
            // The tile's window begins at the lower right pixel of a pooling window.
            int pooled_row = kind == PROLOGUE_UNPOOL ? (i + 1) / 2 : i;
            int pooled_column = kind == PROLOGUE_UNPOOL ? (j + 1) / 2 : j;
            line[j] = VARIANT(apply_prologue)(kind, value + pooled_row * row + pooled_column * LANES,
                                              skip + i * skip_row + j * LANES, mask + i * mask_row + j, scale, shift);
        }
        if (materialized && i < step)
#pragma clang loop unroll(full)
            for (int j = 0; j < step; j++) store(materialized + i * row + j * LANES, line[j]);
        VARIANT(transform_input_line)(points, line, transformed);
#pragma clang loop unroll(full)
        for (int j = 0; j < points; j++) half[j][i] = transformed[j];
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < points; j++) {
        f32x16 transformed[7];
        VARIANT(transform_input_line)(points, half[j], transformed);
#pragma clang loop unroll(full)
        for (int i = 0; i < points; i++) store(output + (i * points + j) * point, transformed[i]);
    }
}

/// Prefetches the next block's window, without the columns that the next tile reads too.
INLINE void VARIANT(prefetch_window)(const blocked_source *source, int block, int row, int column, int points,
                                     int step) {
    if (block * LANES >= source->channels) return;
    const float *value = source->values + VARIANT(pixel_offset)(source, block, row, column);
    for (int i = 0; i < points; i++)
        for (int j = 0; j < step; j++)
            __builtin_prefetch(value + ((ptrdiff_t)i * source->width + j) * LANES, 0, 2);
    if (!source->skip) return;
    const float *skip = source->skip + VARIANT(skip_offset)(source, block, row, column);
    for (int i = 0; i < points; i++)
        for (int j = 0; j < step; j++)
            __builtin_prefetch(skip + ((ptrdiff_t)i * source->skip_width + j) * LANES, 0, 2);
}

/// The input transform of a tile whose window is not contiguous in the tensor.
static __attribute__((noinline)) void VARIANT(transform_border)(const blocked_source *source, int block, int y, int x,
                                                                tile_shape tile, int materialized_rows,
                                                                int materialized_columns, float *output,
                                                                ptrdiff_t point) {
    float window[7 * 7 * LANES] __attribute__((aligned(64)));
    if (source->planes)
        VARIANT(fill_planes)(source, y, tile.points, x, tile.points, window, LANES);
    else
        VARIANT(fill_block)(source, block, y, tile.points, x, tile.points, window, materialized_rows,
                            materialized_columns);
    f32x16 none = {0};
    const unsigned short *no_mask = (const unsigned short *)window;  // not read
    if (tile.points == 7)
        VARIANT(transform_window)(7, 6, PROLOGUE_PLAIN, window, 7 * LANES, window, 0, no_mask, 0, none, none, NULL,
                                  output, point);
    else
        VARIANT(transform_window)(6, 4, PROLOGUE_PLAIN, window, 6 * LANES, window, 0, no_mask, 0, none, none, NULL,
                                  output, point);
}

/// Whether a window's rows are consecutive rows of the tensor, without padding.
INLINE int VARIANT(has_contiguous_rows)(const blocked_source *source, int y, int points) {
    int first = source->rows[y], is_contiguous = first >= 0;
    for (int i = 1; i < points; i++) is_contiguous &= source->rows[y + i] == first + i;
    return is_contiguous;
}

/// The input transform of a chunk of tiles, one block of channels, to `output` [points][points][blocks][tiles][16].
INLINE void VARIANT(transform_tiles_as)(prologue kind, int points, int step, const blocked_source *source, int block,
                                        tile_shape tile, int first, int count, float *output, ptrdiff_t point) {
    f32x16 scale = {0}, shift = {0};
    if (source->scale) {
        scale = load(source->scale + block * LANES);
        shift = load(source->shift + block * LANES);
    }
    if (kind == PROLOGUE_UNPOOL) scale = broadcast(source->unpool_factor);
    ptrdiff_t line = (ptrdiff_t)(kind == PROLOGUE_UNPOOL ? source->width / 2 : source->width) * LANES;
    ptrdiff_t skip_line = (ptrdiff_t)source->skip_width * LANES;
    int line_of_tiles = -1, rows_inside = 0;
    for (int t = 0; t < count; t++, output += LANES) {
        int ty = (first + t) / tile.across, tx = (first + t) % tile.across, y = ty * step, x = tx * step;
        int is_lowest = ty == tile.down - 1, is_rightmost = tx == tile.across - 1;
        if (ty != line_of_tiles) {
            line_of_tiles = ty;
            rows_inside = !is_lowest && !source->planes && VARIANT(has_contiguous_rows)(source, y, points);
        }
        // Whether the window is contiguous in the tensor: its indices are consecutive.
        int inside = rows_inside && !is_rightmost && source->columns[x] >= 0 &&
                     source->columns[x + points - 1] == source->columns[x] + points - 1;
        if (kind == PROLOGUE_UNPOOL)
            inside = inside && source->rows[y] % 2 == 1 && source->columns[x] % 2 == 1 &&
                     source->rows[y + points - 1] < source->height / 2 * 2 &&
                     source->columns[x + points - 1] < source->width / 2 * 2;
        if (!inside) {
            VARIANT(transform_border)(source, block, y, x, tile, is_lowest ? points : step,
                                      is_rightmost ? points : step, output, point);
            continue;
        }
        int row = source->rows[y], column = source->columns[x];
        if (kind != PROLOGUE_UNPOOL) VARIANT(prefetch_window)(source, block + 1, row, column, points, step);
        ptrdiff_t offset = VARIANT(pixel_offset)(source, block, row, column);
        const float *value = source->values + offset, *skip;
        if (kind == PROLOGUE_UNPOOL) value = source->values + VARIANT(pooled_offset)(source, block, row, column);
        skip = value;
        if (kind == PROLOGUE_SUM) skip = source->skip + VARIANT(skip_offset)(source, block, row, column);
        const unsigned short *mask = VARIANT(mask_of_pixel)(source, offset);
        VARIANT(transform_window)(points, step, kind, value, line, skip, skip_line, mask, source->width, scale, shift,
                                  source->materialized ? source->materialized + offset : NULL, output, point);
    }
}

static void VARIANT(transform_tiles)(const blocked_source *source, int block, tile_shape tile, int first, int count,
                                     float *output, ptrdiff_t point) {
#define TRANSFORM(kind)                                                                                \
    case kind:                                                                                         \
        if (tile.points == 7)                                                                          \
            VARIANT(transform_tiles_as)(kind, 7, 6, source, block, tile, first, count, output, point); \
        else if (tile.step == 4)                                                                       \
            VARIANT(transform_tiles_as)(kind, 6, 4, source, block, tile, first, count, output, point); \
        else                                                                                           \
            VARIANT(transform_tiles_as)(kind, 6, 2, source, block, tile, first, count, output, point); \
        break;
    switch (VARIANT(prologue_of)(source)) {
        TRANSFORM(PROLOGUE_PLAIN)
        TRANSFORM(PROLOGUE_RELU)
        TRANSFORM(PROLOGUE_SCALE)
        TRANSFORM(PROLOGUE_SUM)
        TRANSFORM(PROLOGUE_MASK)
        TRANSFORM(PROLOGUE_UNPOOL)
    }
#undef TRANSFORM
}

/// The output transform of one tile, to `step` x `step` values.
INLINE void VARIANT(transform_output_tile)(int points, int step, const float *input, ptrdiff_t point,
                                           f32x16 values[4][4]) {
    f32x16 half[4][7];
#pragma clang loop unroll(full)
    for (int j = 0; j < points; j++) {
        f32x16 line[7], back[4];
#pragma clang loop unroll(full)
        for (int i = 0; i < points; i++) line[i] = load(input + (i * points + j) * point);
        VARIANT(transform_output_line)(points, step, line, back);
#pragma clang loop unroll(full)
        for (int i = 0; i < step; i++) half[i][j] = back[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < step; i++) VARIANT(transform_output_line)(points, step, half[i], values[i]);
}

/// The output transform of a chunk's tiles and the epilogue with pooling, which gives 2x2 pixels per tile.
INLINE void VARIANT(finish_pooled_tiles)(epilogue kind, const blocked_target *target, int block, int tiles_across,
                                         int first, int count, const float *input, ptrdiff_t point) {
    f32x16 bias = load(target->bias + block * LANES);
    ptrdiff_t width = target->width / 2, height = target->height / 2, line = target->width;
    for (int t = 0; t < count; t++, input += LANES) {
        f32x16 values[4][4];
        VARIANT(transform_output_tile)(6, 4, input, point, values);
        int y = (first + t) / tiles_across * 2, x = (first + t) % tiles_across * 2;  // in pooled pixels
        float *corner = target->values + ((block * height + y) * width + x) * LANES;
        unsigned short *mask = target->mask;
        if (mask) mask += (block * (ptrdiff_t)target->height + 2 * y) * line + 2 * x;
#pragma clang loop unroll(full)
        for (int i = 0; i < 2; i++)
#pragma clang loop unroll(full)
            for (int j = 0; j < 2; j++) {
                if (y + i >= height || x + j >= width) continue;
                f32x16 four[4] = {values[2 * i][2 * j], values[2 * i][2 * j + 1], values[2 * i + 1][2 * j],
                                  values[2 * i + 1][2 * j + 1]};
                unsigned short masks[4];
                store(corner + (i * width + j) * LANES, VARIANT(pool_window)(kind, four, bias, masks));
                if (!mask) continue;
                unsigned short *window = mask + 2 * i * line + 2 * j;
                window[0] = masks[0];
                window[1] = masks[1];
                window[line] = masks[2];
                window[line + 1] = masks[3];
            }
    }
}

/// The output transform of a chunk's tiles and the epilogue, which gives `step` x `step` pixels per tile.
INLINE void VARIANT(finish_tiles_as)(epilogue kind, int points, int step, const blocked_target *target, int block,
                                     int tiles_across, int first, int count, const float *input, ptrdiff_t point,
                                     int chunk) {
    VARIANT(moments) moments = {0};
    f32x16 bias = kind == EPILOGUE_RELU ? load(target->bias + block * LANES) : (f32x16){0};
    VARIANT(block_view) to = VARIANT(view_of_block)(target, block);
    for (int t = 0; t < count; t++, input += LANES) {
        f32x16 values[4][4];
        VARIANT(transform_output_tile)(points, step, input, point, values);
        if (t == 0) moments.pivot = values[0][0];
        int y = (first + t) / tiles_across * step, x = (first + t) % tiles_across * step;
        float *corner = to.values + y * to.row + x * to.column;
        unsigned short *mask = NULL;
        if (kind == EPILOGUE_RELU && target->mask)
            mask = target->mask + ((ptrdiff_t)block * target->height + y) * target->width + x;
        if (y + step <= target->height && x + step <= target->width) {
#pragma clang loop unroll(full)
            for (int i = 0; i < step; i++)
#pragma clang loop unroll(full)
                for (int j = 0; j < step; j++)
                    VARIANT(apply_epilogue)(kind, values[i][j], bias, corner + i * to.row + j * to.column,
                                            mask ? mask + (ptrdiff_t)i * target->width + j : NULL, &moments);
        } else {
            for (int i = 0; i < step && y + i < target->height; i++)
                for (int j = 0; j < step && x + j < target->width; j++)
                    VARIANT(apply_epilogue)(kind, values[i][j], bias, corner + i * to.row + j * to.column,
                                            mask ? mask + (ptrdiff_t)i * target->width + j : NULL, &moments);
        }
    }
    VARIANT(store_moments)(target, chunk, block, moments);
}

static void VARIANT(finish_tiles)(tile_shape tile, const blocked_target *target, int block, int first, int count,
                                  const float *input, ptrdiff_t point, int chunk) {
#define FINISH(kind, points, step)                                                                             \
    VARIANT(finish_tiles_as)(kind, points, step, target, block, tile.across, first, count, input, point, chunk)
    epilogue kind = VARIANT(epilogue_of)(target);
    if (tile.points == 7)
        FINISH(EPILOGUE_MOMENTS, 7, 3);
    else if (tile.step == 2)
        FINISH(EPILOGUE_MOMENTS, 6, 2);
    else if (kind == EPILOGUE_MAXIMUM)
        VARIANT(finish_pooled_tiles)(EPILOGUE_MAXIMUM, target, block, tile.across, first, count, input, point);
    else if (kind == EPILOGUE_AVERAGE)
        VARIANT(finish_pooled_tiles)(EPILOGUE_AVERAGE, target, block, tile.across, first, count, input, point);
    else if (kind == EPILOGUE_RELU)
        FINISH(EPILOGUE_RELU, 6, 4);
    else if (kind == EPILOGUE_MOMENTS)
        FINISH(EPILOGUE_MOMENTS, 6, 4);
    else
        FINISH(EPILOGUE_PLAIN, 6, 4);
#undef FINISH
}

static void VARIANT(convolve_tiles)(const blocked_call *call, int chunk, float *scratch) {
    const blocked_target *target = call->target;
    tile_shape tile = shape_of_tiles(call->kernel, target);
    int blocks = blocks_of(call->kernel->inputs), depth = depth_of(call->kernel->inputs);
    int points = tile.points * tile.points, tiles = tile.per_chunk, first = chunk * tiles;
    int count = smaller(tiles, tile.across * tile.down - first);

    ptrdiff_t input_point = point_stride((ptrdiff_t)blocks * tiles);
    float *input = scratch, *output = scratch + points * input_point;
    // The blocks of channels of one point.
    ptrdiff_t *segments = (ptrdiff_t *)(output + points * point_stride(MAXIMUM_GROUP * tiles));
    for (int block = 0; block < blocks; block++) {
        segments[block] = (ptrdiff_t)block * tiles * LANES;
        VARIANT(transform_tiles)(call->source, block, tile, first, count, input + segments[block], input_point);
    }

    ptrdiff_t weight_point = (ptrdiff_t)blocks * depth * LANES, weight_block = points * weight_point;
    const float *used = call->weights + target->blocks * weight_block;  // which points have non-zero weights
    for (int block = 0; block < target->blocks && !kernel_is_cancelled(); block += VARIANT_GROUP) {
        int group = target->blocks - block < VARIANT_GROUP ? 1 : VARIANT_GROUP;
        ptrdiff_t output_point = point_stride(group * tiles);
        const float *weights = call->weights + block * weight_block;
        for (int p = 0; p < points; p++) {
            const float *is_used = used + (ptrdiff_t)block * points + p;
            if (is_used[0] == 0 && is_used[(group - 1) * points] == 0)
                memset(output + p * output_point, 0, sizeof(float) * group * tiles * LANES);
            else
                VARIANT(multiply)(count, group, input + p * input_point, segments, blocks, depth, LANES,
                                  weights + p * weight_point, weight_block, output + p * output_point,
                                  (ptrdiff_t)tiles * LANES);
        }
        for (int g = 0; g < group; g++)
            VARIANT(finish_tiles)(tile, target, block + g, first, count, output + (ptrdiff_t)g * tiles * LANES,
                                  output_point, chunk);
    }
}
