// The steps of a network other than convolutions: copying a tensor with its prologue applied, and the output image.

/// Copies row `row` of block `block` of the source, with padding and prologue applied.
static void VARIANT(materialize_row)(const blocked_source *source, float *target, int block, int row) {
    target += ((ptrdiff_t)block * source->row_count + row) * source->column_count * LANES;
    VARIANT(fill)(source, block, row, 1, 0, source->column_count, target);
}

/// exp(x) for x <= 0 with a relative error of about 1e-7: 2^n times a polynomial of the remainder.
INLINE f32x16 VARIANT(exponential)(f32x16 x) {
    x = maximum(x, broadcast(-80));
    f32x16 exponent = __builtin_elementwise_roundeven(x * 1.44269504f);
    f32x16 remainder = x - exponent * 0.693359375f + exponent * 2.12194440e-4f;
    f32x16 power = remainder * (1 / 5040.0f) + 1 / 720.0f;
    power = power * remainder + 1 / 120.0f;
    power = power * remainder + 1 / 24.0f;
    power = power * remainder + 1 / 6.0f;
    power = power * remainder + 0.5f;
    power = power * remainder * remainder + remainder + 1;
    i32x16 bits = (__builtin_convertvector(exponent, i32x16) + 127) << 23;
    return power * (f32x16)bits;
}

/// tanh(x); plus or minus 1 for NaN.
INLINE f32x16 VARIANT(hyperbolic_tangent)(f32x16 x) {
    i32x16 sign = (i32x16)x & (int)0x80000000;
    f32x16 small = VARIANT(exponential)(minimum(absolute(x), broadcast(20)) * -2);
    return (f32x16)((i32x16)((1 - small) / (1 + small)) | sign);
}

/// Writes one output of one phase, a lane of the values, to every `upscale`-th pixel of a row of the image. `gate` is
/// the distance in floats from the output's lane to the gate's; 0: no gate.
static void VARIANT(scatter_lane)(const blocked_image *call, const float *values, int gate, int output, int y,
                                  int first) {
    int upscale = call->upscale;
    ptrdiff_t line = (ptrdiff_t)y * call->image_width;
    float *image = call->image + output * call->plane + line;
    if (gate == 0) {
        for (int x = first; x < call->image_width; x += upscale, values += LANES) image[x] = *values;
        return;
    }
    const float *prior = call->prior + output * call->plane + line, *certainty = call->certainty + line;
    for (int x = first; x < call->image_width; x += upscale, values += LANES) {
        float g = values[gate] * certainty[x];
        image[x] = *values * (1 - g) + g * prior[x];
    }
}

/// Applies the activations to row `row` of the values in place, then writes the `upscale` rows of the image.
static void VARIANT(finish_image_row)(const blocked_image *call, int row) {
    int upscale = call->upscale, outputs = call->outputs, channels = upscale * upscale * outputs;
    int has_gate = outputs == 4 && call->prior && call->certainty;
    for (int first = 0; first < channels; first += LANES) {
        int count = channels - first < LANES ? channels - first : LANES;
        f32x16 bias = {0}, is_gate = {0};
        for (int lane = 0; lane < count; lane++) {
            is_gate[lane] = (first + lane) % outputs == 3;
            bias[lane] = call->bias[(first + lane) % outputs] + (is_gate[lane] != 0 ? call->coherence : 0);
        }
        // sigmoid(x) = tanh(x / 2) / 2 + 1 / 2.
        f32x16 factor = 1 - is_gate * 0.5f, scale = (1 - is_gate) * call->output_scale + is_gate * 0.5f;
        float *line = call->values + ((ptrdiff_t)first / LANES * call->height + row) * call->width * LANES;
        for (int column = 0; column < call->width; column++) {
            float *pixel = line + (ptrdiff_t)column * LANES;
            f32x16 value = VARIANT(hyperbolic_tangent)((load(pixel) + bias) * factor);
            store(pixel, value * scale + is_gate * 0.5f);
        }
        for (int lane = 0; lane < count; lane++) {
            int phase = (first + lane) / outputs, output = (first + lane) % outputs;
            int y = row * upscale + phase / upscale;
            if (output == 3 || y >= call->image_height) continue;
            VARIANT(scatter_lane)(call, line + lane, has_gate ? 3 - output : 0, output, y, phase % upscale);
        }
    }
}
