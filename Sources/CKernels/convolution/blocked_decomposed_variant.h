// Decomposed 9x9 Winograd: the kernel is a 3x3 grid of 3x3 kernels, each F(3x3, 3x3) with the points 0, 1, -1, 2 and
// infinity.
//
// The distance of tiles and of small kernels is three pixels. So the window of kernel (sy, sx) for tile (ty, tx) is
// that of tile (ty + sy, tx + sx). 9 outputs take 25 * 9 multiplications; direct convolution takes 729.

/// One dimension of the input transform: five values to five points.
///
///           | 2 -1 -2  1  0 |
///           | 0 -2 -1  1  0 |
///     B^T = | 0  2 -3  1  0 |
///           | 0 -1  0  1  0 |
///           | 0  2 -1 -2  1 |
#define TRANSFORM_FIVE(in, out)                   \
    out[0] = (in[0] - in[2]) * 2 - in[1] + in[3]; \
    out[1] = in[3] - in[2] - in[1] * 2;           \
    out[2] = in[3] - in[2] * 3 + in[1] * 2;       \
    out[3] = in[3] - in[1];                       \
    out[4] = (in[1] - in[3]) * 2 - in[2] + in[4];

/// The input transform of `count` 5x5 windows, three columns apart, in a strip of five rows.
#define TRANSFORM_STRIP(name, type, lanes, load_lanes, store_lanes)                                         \
    static void VARIANT(name)(const float *strip, int columns, int count, float *points, ptrdiff_t point) { \
        for (int t = 0; t < count; t++, strip += 3 * lanes, points += lanes) {                              \
            type half[5][5];                                                                                \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < 5; j++) {                                \
                type line[5], transformed[5];                                                               \
                _Pragma("clang loop unroll(full)") for (int i = 0; i < 5; i++)                              \
                    line[i] = load_lanes(strip + (i * columns + j) * lanes);                                \
                TRANSFORM_FIVE(line, transformed)                                                           \
                _Pragma("clang loop unroll(full)") for (int i = 0; i < 5; i++) half[i][j] = transformed[i]; \
            }                                                                                               \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < 5; i++) {                                \
                type transformed[5];                                                                        \
                TRANSFORM_FIVE(half[i], transformed)                                                        \
                _Pragma("clang loop unroll(full)") for (int j = 0; j < 5; j++)                              \
                    store_lanes(points + (i * 5 + j) * point, transformed[j]);                              \
            }                                                                                               \
        }                                                                                                   \
    }
TRANSFORM_STRIP(transform_narrow_strip, f32x8, 8, load8, store8)
TRANSFORM_STRIP(transform_strip, f32x16, 16, load, store)
#undef TRANSFORM_STRIP
#undef TRANSFORM_FIVE

/// One dimension of the output transform: five points to three values.
///
///           | 1  1  1  1  0 |
///     A^T = | 0  1 -1  2  0 |
///           | 0  1  1  4  1 |
INLINE void VARIANT(transform_output_of_five)(const f32x16 *in, f32x16 *out) {
    f32x16 even = in[1] + in[2];
    out[0] = in[0] + even + in[3];
    out[1] = in[1] - in[2] + in[3] * 2;
    out[2] = even + in[3] * 4 + in[4];
}

/// The output transform and epilogue of `count` tiles of one output block; (row, column) is the first tile's corner.
static void VARIANT(finish_decomposed)(const blocked_target *target, int block, int row, int column, int count,
                                       const float *points, ptrdiff_t point, VARIANT(moments) *running) {
    VARIANT(moments) moments = *running;
    VARIANT(block_view) to = VARIANT(view_of_block)(target, block);
    for (int t = 0; t < count; t++, points += LANES) {
        f32x16 half[3][5], values[3][3];
#pragma clang loop unroll(full)
        for (int j = 0; j < 5; j++) {
            f32x16 line[5], transformed[3];
#pragma clang loop unroll(full)
            for (int i = 0; i < 5; i++) line[i] = load(points + (i * 5 + j) * point);
            VARIANT(transform_output_of_five)(line, transformed);
#pragma clang loop unroll(full)
            for (int i = 0; i < 3; i++) half[i][j] = transformed[i];
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 3; i++) VARIANT(transform_output_of_five)(half[i], values[i]);
        if (moments.count == 0) moments.pivot = values[0][0];
        int y = row, x = column + 3 * t;
        float *corner = to.values + y * to.row + x * to.column;
        for (int i = 0; i < 3 && y + i < target->height; i++)
            for (int j = 0; j < 3 && x + j < target->width; j++) {
                store(corner + i * to.row + j * to.column, values[i][j]);
                VARIANT(add_to_moments)(&moments, values[i][j]);
            }
    }
    *running = moments;
}

/// The input transform of one row of tiles, all blocks of channels, to `points` [25][blocks][tiles + 2][lanes].
static void VARIANT(transform_decomposed_row)(const blocked_source *source, int blocks, int lanes, int row, int column,
                                              int tiles, float *strip, float *points, ptrdiff_t point) {
    int columns = 3 * (tiles + 2) + 2;
    for (int block = 0; block < blocks; block++, points += (ptrdiff_t)(tiles + 2) * lanes) {
        if (lanes == 8) {
            VARIANT(fill_planes)(source, row, 5, column, columns, strip, 8);
            VARIANT(transform_narrow_strip)(strip, columns, tiles + 2, points, point);
        } else {
            VARIANT(fill)(source, block, row, 5, column, columns, strip);
            VARIANT(transform_strip)(strip, columns, tiles + 2, points, point);
        }
    }
}

static void VARIANT(convolve_decomposed)(const blocked_call *call, int chunk, float *scratch) {
    const blocked_kernel *kernel = call->kernel;
    const blocked_target *target = call->target;
    decomposed_tiling tiling = plan_decomposed(kernel, target);
    int blocks = blocks_of(kernel->inputs), depth = depth_of(kernel->inputs);
    int lanes = call->source->planes && kernel->inputs <= 8 ? 8 : LANES;
    int column = chunk % tiling.chunks_across * tiling.tiles, row = chunk / tiling.chunks_across * tiling.rows;
    int count = tiling.tiles_across - column < tiling.tiles ? tiling.tiles_across - column : tiling.tiles;
    int rows = tiling.tiles_down - row < tiling.rows ? tiling.tiles_down - row : tiling.rows;

    ptrdiff_t input_point = point_stride((ptrdiff_t)blocks * (tiling.tiles + 2) * lanes / LANES);
    ptrdiff_t input_row = 25 * input_point;
    ptrdiff_t weight_point = 9 * (ptrdiff_t)blocks * depth * LANES, weight_block = 25 * weight_point;
    float *input = scratch, *output = input + 3 * input_row;
    float *strip = output + 25 * point_stride(MAXIMUM_GROUP * tiling.tiles);
    // All output blocks of a row of tiles are finished before the next row, so each needs its own moments.
    ptrdiff_t *segments = (ptrdiff_t *)(strip + 5 * (3 * (tiling.tiles + 2) + 2) * LANES);
    VARIANT(moments) *moments = (VARIANT(moments) *)((float *)segments + segment_floats((size_t)9 * blocks));
    memset(moments, 0, sizeof *moments * target->blocks);

    for (int r = 0; r < rows + 2; r++) {
        VARIANT(transform_decomposed_row)(call->source, blocks, lanes, 3 * (row + r), 3 * column, tiling.tiles, strip,
                                          input + (row + r) % 3 * input_row, input_point);
        if (r < 2) continue;
        int tile_row = row + r - 2;
        int segment_count = 0;
        for (int sy = 0; sy < 3; sy++)
            for (int sx = 0; sx < 3; sx++)
                for (int block = 0; block < blocks; block++)
                    segments[segment_count++] =
                        (tile_row + sy) % 3 * input_row + (ptrdiff_t)(block * (tiling.tiles + 2) + sx) * lanes;
        for (int block = 0; block < target->blocks && !kernel_is_cancelled(); block += VARIANT_GROUP) {
            int group = target->blocks - block < VARIANT_GROUP ? 1 : VARIANT_GROUP;
            ptrdiff_t output_point = point_stride(group * tiling.tiles);
            for (int p = 0; p < 25; p++)
                VARIANT(multiply)(count, group, input + p * input_point, segments, segment_count, depth, lanes,
                                  call->weights + block * weight_block + p * weight_point, weight_block,
                                  output + p * output_point, (ptrdiff_t)tiling.tiles * LANES);
            for (int g = 0; g < group; g++)
                VARIANT(finish_decomposed)(target, block + g, 3 * tile_row, 3 * column, count,
                                           output + (ptrdiff_t)g * tiling.tiles * LANES, output_point,
                                           &moments[block + g]);
        }
    }
    for (int block = 0; block < target->blocks; block++) VARIANT(store_moments)(target, chunk, block, moments[block]);
}
