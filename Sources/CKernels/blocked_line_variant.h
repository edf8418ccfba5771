// What minimal filtering does to its input on the way forward and on the way back to the weights.

/// One dimension of the input's transformation: six or seven values to as many points.
INLINE void VARIANT(transform_line)(int points, const vector *in, vector *out) {
    if (points == 6) {
        vector a = in[4] - in[2] * 4, b = in[3] - in[1] * 4, c = in[4] - in[2], d = in[3] - in[1];
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
