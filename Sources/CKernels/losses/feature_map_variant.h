// Pooling, Gram matrices and gradients of losses on blocked activations. The tasks are defined in feature_map.c.
#pragma STDC FP_CONTRACT ON

/// Pools one row of 2x2 windows of one block.
static void VARIANT(pool_row)(const pool_call *call, int block, int row) {
    const feature_map *map = &call->map;
    ptrdiff_t width = map->width;
    const float *upper = at_pixel(map, block, 2 * row * width), *lower = upper + width * LANES;
    float *pooled = at_pixel(&call->pooled, block, (ptrdiff_t)row * call->pooled.width);
    unsigned short *mask = call->mask ? call->mask + block * map->stride + 2 * row * width : NULL;
    for (int x = 0; x < map->width / 2; x++, upper += 2 * LANES, lower += 2 * LANES, pooled += LANES) {
        f32x16 four[4] = {load(upper), load(upper + LANES), load(lower), load(lower + LANES)};
        if (call->is_average) {
            store(pooled, (four[0] + four[1] + four[2] + four[3]) * 0.25f);
            continue;
        }
        f32x16 best = four[0];
        unsigned short masks[4] = {0xffff, 0, 0, 0};
#pragma clang loop unroll(full)
        for (int i = 1; i < 4; i++) {
            i32x16 better = ~(four[i] <= best);  // keeps NaN
            best = better ? four[i] : best;
            masks[i] = bits_of_mask(better);
        }
        store(pooled, best);
        if (!mask) continue;
        mask[2 * x + width + 1] = masks[3];
        mask[2 * x + width] = masks[2] & ~masks[3];
        mask[2 * x + 1] = masks[1] & ~(masks[2] | masks[3]);
        mask[2 * x] = ~(masks[1] | masks[2] | masks[3]);
    }
    if (mask && map->width % 2) mask[width - 1] = mask[2 * width - 1] = 0;
    if (mask && map->height % 2 && row == map->height / 2 - 1) memset(mask + 2 * width, 0, width * sizeof *mask);
}

/// The backward pass of pooling for one row of one block.
static void VARIANT(unpool_row)(const pool_call *call, int block, int row) {
    const feature_map *map = &call->map;
    const float *pooled = at_pixel(&call->pooled, block, (ptrdiff_t)(row / 2) * call->pooled.width);
    const unsigned short *mask = call->mask ? call->mask + block * map->stride + (ptrdiff_t)row * map->width : NULL;
    float *gradient = at_pixel(map, block, (ptrdiff_t)row * map->width);
    int whole = row / 2 < call->pooled.height ? call->pooled.width * 2 : 0;
    for (int x = 0; x < whole; x++) {
        f32x16 value = load(pooled + x / 2 * LANES);
        value = call->is_average ? value * 0.25f : (mask_of_bits(mask[x]) ? value : (f32x16){0});
        store(gradient + (ptrdiff_t)x * LANES, value);
    }
    memset(gradient + (ptrdiff_t)whole * LANES, 0, (map->width - whole) * LANES * sizeof *gradient);
}

// The register tile of the Gram matrix: as many channels by output blocks as there are registers for.
#define ROWS_portable 2
#define ROWS_avx2 4
#define ROWS_avx512 8
#define VARIANT_ROWS VARIANT(ROWS)

/// Products of VARIANT_ROWS channels from `row` on, all of one block, with `group` blocks (at most VARIANT_GROUP) from
/// `column` on, summed over pixels and added to those columns of `sums` [VARIANT_ROWS][N].
INLINE void VARIANT(gram_tile)(const gram_call *call, int row, int column, int group, int first, int last,
                               float *sums) {
    const float *rows = at_pixel(&call->map, row / LANES, first) + row % LANES;
    const float *columns[VARIANT_GROUP];
    f32x16 total[VARIANT_ROWS][VARIANT_GROUP];
    for (int g = 0; g < group; g++) columns[g] = at_pixel(&call->map, column + g, first);
#pragma clang loop unroll(full)
    for (int i = 0; i < VARIANT_ROWS; i++)
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) total[i][g] = (f32x16){0};
    for (ptrdiff_t offset = 0; offset < (ptrdiff_t)(last - first) * LANES; offset += LANES) {
        f32x16 column_values[VARIANT_GROUP];
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) column_values[g] = load(columns[g] + offset);
#pragma clang loop unroll(full)
        for (int i = 0; i < VARIANT_ROWS; i++) {
            f32x16 value = broadcast(rows[offset + i]);
#pragma clang loop unroll(full)
            for (int g = 0; g < group; g++) total[i][g] += value * column_values[g];
        }
    }
    int channels = call->map.blocks * LANES;
#pragma clang loop unroll(full)
    for (int i = 0; i < VARIANT_ROWS; i++)
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) {
            float *to = sums + i * channels + (column + g) * LANES;
            store(to, load(to) + total[i][g]);
        }
}

/// Adds the Gram matrix of pixels first ..< last to `sums`, for the rows of blocks begin ..< end and the columns from
/// each row's block on.
static void VARIANT(gram_rows)(const gram_call *call, int begin, int end, int first, int last, float *sums) {
    for (int row = begin * LANES; row < end * LANES; row += VARIANT_ROWS) {
        float *to = sums + (ptrdiff_t)row * call->map.blocks * LANES;
        int column = row / LANES;
        for (; column + VARIANT_GROUP <= call->map.blocks; column += VARIANT_GROUP)
            VARIANT(gram_tile)(call, row, column, VARIANT_GROUP, first, last, to);
        if (column < call->map.blocks) VARIANT(gram_tile)(call, row, column, 1, first, last, to);
    }
}

/// The products of `pixels` (at most 14) pixels from `first` on with one or two blocks of the matrix.
INLINE void VARIANT(multiply_add_tile)(const product_call *call, int block, int group, int first, int pixels) {
    f32x16 sums[VARIANT_PIXELS][2];
    const float *matrix = call->matrix + (ptrdiff_t)block * LANES;
    int channels = call->map.blocks * LANES;
#pragma clang loop unroll(full)
    for (int i = 0; i < pixels; i++)
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) sums[i][g] = (f32x16){0};
    for (int b = 0; b < call->map.blocks; b++) {
        const float *from = at_pixel(&call->map, b, first);
#pragma clang loop unroll(disable)
        for (int k = 0; k < LANES; k++, matrix += channels) {
            f32x16 column[2];
#pragma clang loop unroll(full)
            for (int g = 0; g < group; g++) column[g] = load(matrix + g * LANES);
#pragma clang loop unroll(full)
            for (int i = 0; i < pixels; i++) {
                f32x16 value = broadcast(from[i * LANES + k]);
#pragma clang loop unroll(full)
                for (int g = 0; g < group; g++) sums[i][g] += value * column[g];
            }
        }
    }
#pragma clang loop unroll(full)
    for (int g = 0; g < group; g++)
#pragma clang loop unroll(full)
        for (int i = 0; i < pixels; i++) {
            float *to = at_pixel(&call->gradient, block + g, first + i);
            store(to, load(to) + sums[i][g] * call->factor);
        }
}

static void VARIANT(multiply_add)(const product_call *call, int first, int last) {
    for (int block = 0; block < call->map.blocks; block += VARIANT_GROUP) {
        int group = call->map.blocks - block < VARIANT_GROUP ? 1 : VARIANT_GROUP, pixel = first;
#if VARIANT_GROUP > 1
        if (group == 2) {
            for (; pixel + VARIANT_PIXELS <= last; pixel += VARIANT_PIXELS)
                VARIANT(multiply_add_tile)(call, block, 2, pixel, VARIANT_PIXELS);
            for (; pixel < last; pixel++) VARIANT(multiply_add_tile)(call, block, 2, pixel, 1);
            continue;
        }
#endif
        (void)group;
        for (; pixel + VARIANT_PIXELS <= last; pixel += VARIANT_PIXELS)
            VARIANT(multiply_add_tile)(call, block, 1, pixel, VARIANT_PIXELS);
        for (; pixel < last; pixel++) VARIANT(multiply_add_tile)(call, block, 1, pixel, 1);
    }
}

static void VARIANT(add_difference)(const difference_call *call, int block, int first, int last) {
    const float *a = at_pixel(&call->first, block, first), *b = at_pixel(&call->second, block, first);
    float *gradient = at_pixel(&call->gradient, block, first);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)(last - first) * LANES; i += LANES)
        store(gradient + i, load(gradient + i) + (load(a + i) - load(b + i)) * call->factor);
}

static void VARIANT(squared_distance)(const difference_call *call, int block, int first, int last, double *result) {
    const float *a = at_pixel(&call->first, block, first), *b = at_pixel(&call->second, block, first);
    f32x16 sums = {0};
    for (ptrdiff_t i = 0; i < (ptrdiff_t)(last - first) * LANES; i += LANES) {
        f32x16 difference = load(a + i) - load(b + i);
        sums += difference * difference;
    }
    double sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
    *result = sum;
}
