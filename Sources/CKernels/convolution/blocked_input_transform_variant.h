// The Winograd input transform, of the forward pass and of the gradient with respect to the weights.

/// One dimension of the input transform: six or seven values to as many points.
///
/// 6 points, for F(4x4, 3x3) and F(2x2, 5x5), and 7 points, for 3x3 kernels with stride 2:
///
///           | 4  0 -5  0  1  0 |            | -1  0  0  0  1  0  0 |
///           | 0 -4 -4  1  1  0 |            |  0  0  1  0  1  0  0 |
///     B^T = | 0  4 -4 -1  1  0 |            |  0  0 -1  0  1  0  0 |
///           | 0 -2 -1  2  1  0 |      B^T = |  0  0 -1  0  0  0  1 |
///           | 0  2 -1 -2  1  0 |            |  0  1  0  0  0  0  0 |
///           | 0  4  0 -5  0  1 |            |  0  0  0  1  0  0  0 |
///                                           |  0  0  0  0  0  1  0 |
INLINE void VARIANT(transform_input_line)(int points, const f32x16 *in, f32x16 *out) {
    if (points == 6) {
        f32x16 a = in[4] - in[2] * 4, b = in[3] - in[1] * 4, c = in[4] - in[2], d = in[3] - in[1];
        out[0] = in[0] * 4 - in[2] * 5 + in[4];
        out[1] = a + b;
        out[2] = a - b;
        out[3] = c + d * 2;
        out[4] = c - d * 2;
        out[5] = in[1] * 4 - in[3] * 5 + in[5];
    } else {
        out[0] = in[4] - in[0];
        out[1] = in[4] + in[2];
        out[2] = in[4] - in[2];
        out[3] = in[6] - in[2];
        out[4] = in[1];
        out[5] = in[3];
        out[6] = in[5];
    }
}
