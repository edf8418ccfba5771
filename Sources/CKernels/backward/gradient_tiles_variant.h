// The gradient with respect to 3x3 weights by Winograd. In one dimension F(4, 3) is y = A^T [(G w) * (B^T x)], so the
// gradient with respect to w is G^T [(A dy) * (B^T x)]. A tile takes 36 multiplications; direct computation takes 144.

/// One dimension of the gradient's transform: four values to six points.
///
///         | 1  0  0  0 |
///         | 1  1  1  1 |
///     A = | 1 -1  1 -1 |
///         | 1  2  4  8 |
///         | 1 -2  4 -8 |
///         | 0  0  0  1 |
INLINE void VARIANT(transform_gradient_line)(const f32x16 *in, f32x16 *out) {
    f32x16 even = in[0] + in[2], odd = in[1] + in[3], far_even = in[0] + in[2] * 4, far_odd = in[1] * 2 + in[3] * 8;
    out[0] = in[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = far_even + far_odd;
    out[4] = far_even - far_odd;
    out[5] = in[3];
}

/// One dimension of the result's transform: six points to three taps.
///
///           | 1/4 -1/6 -1/6  1/24  1/24  0 |
///     G^T = |  0  -1/6  1/6  1/12 -1/12  0 |
///           |  0  -1/6 -1/6  1/6   1/6   1 |
INLINE void VARIANT(transform_result_line)(const f32x16 *in, f32x16 *out) {
    f32x16 near = (in[1] + in[2]) * (1 / 6.0f), far = in[3] + in[4];
    out[0] = in[0] * 0.25f - near + far * (1 / 24.0f);
    out[1] = (in[2] - in[1]) * (1 / 6.0f) + (in[3] - in[4]) * (1 / 12.0f);
    out[2] = in[5] - near + far * (1 / 6.0f);
}

/// The transform of one row of tiles of one block: windows of `side` values, four apart; zeros beyond the edges.
INLINE void VARIANT(points_of_row)(int side, const float *values, int height, int width, int row, int tiles,
                                   float *points, ptrdiff_t point) {
    for (int t = 0; t < tiles; t++, points += LANES) {
        f32x16 half[6][6];
        int is_inside = row * 4 + side <= height && t * 4 + side <= width;
        const float *corner = values + ((ptrdiff_t)row * 4 * width + t * 4) * LANES;
#pragma clang loop unroll(full)
        for (int i = 0; i < side; i++) {
            f32x16 line[6], transformed[6];
            if (is_inside) {
#pragma clang loop unroll(full)
                for (int j = 0; j < side; j++) line[j] = load(corner + ((ptrdiff_t)i * width + j) * LANES);
            } else {
#pragma clang loop unroll(full)
                for (int j = 0; j < side; j++)
                    line[j] = row * 4 + i < height && t * 4 + j < width
                                  ? load(corner + ((ptrdiff_t)i * width + j) * LANES) : (f32x16){0};
            }
            if (side == 6)
                VARIANT(transform_input_line)(6, line, transformed);
            else
                VARIANT(transform_gradient_line)(line, transformed);
#pragma clang loop unroll(full)
            for (int j = 0; j < 6; j++) half[j][i] = transformed[j];
        }
#pragma clang loop unroll(full)
        for (int j = 0; j < 6; j++) {
            f32x16 transformed[6];
            if (side == 6)
                VARIANT(transform_input_line)(6, half[j], transformed);
            else
                VARIANT(transform_gradient_line)(half[j], transformed);
#pragma clang loop unroll(full)
            for (int i = 0; i < 6; i++) store(points + (i * 6 + j) * point, transformed[i]);
        }
    }
}

/// The transform of one row of tiles of a block of the input or, from index `tile.blocks` on, of the gradient.
static void VARIANT(transform_points)(const gradient_weights *call, tile_gradient tile, int block, int row) {
    ptrdiff_t offset = (ptrdiff_t)row * tile.across * LANES, plane = (ptrdiff_t)tile.across * tile.down * LANES;
    if (block < tile.blocks) {
        const float *values = call->input + (ptrdiff_t)block * call->input_height * call->input_width * LANES;
        VARIANT(points_of_row)(6, values, call->input_height, call->input_width, row, tile.across,
                               call->work + block * plane + offset, tile.input_point);
        return;
    }
    block -= tile.blocks;
    const float *values = call->gradient + (ptrdiff_t)block * call->height * call->width * LANES;
    VARIANT(points_of_row)(4, values, call->height, call->width, row, tile.across,
                           call->work + 36 * tile.input_point + block * plane + offset, tile.gradient_point);
}

/// The products of one point, summed over all tiles, for one or two blocks of outputs.
static void VARIANT(multiply_points)(const gradient_weights *call, tile_gradient tile, int point, int output) {
    int group = smaller(2, call->output_blocks - output), tiles = tile.across * tile.down;
    ptrdiff_t plane = (ptrdiff_t)tiles * LANES, result_block = (ptrdiff_t)tile.blocks * LANES * LANES;
    float *result = call->work + 36 * (tile.input_point + tile.gradient_point) + point * tile.result_point +
                    output * result_block;
    memset(result, 0, sizeof(float) * group * result_block);
    for (int first = 0; first < tiles; first += TILES_AT_ONCE) {
        int count = smaller(TILES_AT_ONCE, tiles - first);
        ptrdiff_t offset = (ptrdiff_t)first * LANES;
        VARIANT(strided_rows) gradient = {
            call->work + 36 * tile.input_point + point * tile.gradient_point + output * plane + offset, LANES, 0,
            plane};
        for (int block = 0; block < tile.blocks; block++) {
            VARIANT(strided_rows) input = {call->work + point * tile.input_point + block * plane + offset, LANES, 0, 0};
            VARIANT(weights_of_tap)(LANES, group, 1, count, input, gradient, result + block * LANES * LANES, LANES,
                                    result_block);
        }
    }
}

/// The transform of the result for one block of outputs and one of inputs.
static void VARIANT(taps_of_points)(const gradient_weights *call, tile_gradient tile, int output, int block) {
    ptrdiff_t channel = ((ptrdiff_t)output * tile.blocks + block) * LANES;
    const float *from = call->work + 36 * (tile.input_point + tile.gradient_point) + channel * LANES;
    float *result = call->result + channel * 9 * LANES;
    for (int c = 0; c < LANES; c++, from += LANES, result += 9 * LANES) {
        f32x16 half[3][6];
#pragma clang loop unroll(full)
        for (int j = 0; j < 6; j++) {
            f32x16 line[6], taps[3];
#pragma clang loop unroll(full)
            for (int i = 0; i < 6; i++) line[i] = load(from + (i * 6 + j) * tile.result_point);
            VARIANT(transform_result_line)(line, taps);
#pragma clang loop unroll(full)
            for (int i = 0; i < 3; i++) half[i][j] = taps[i];
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 3; i++) {
            f32x16 taps[3];
            VARIANT(transform_result_line)(half[i], taps);
#pragma clang loop unroll(full)
            for (int j = 0; j < 3; j++) store(result + (i * 3 + j) * LANES, taps[j]);
        }
    }
}
