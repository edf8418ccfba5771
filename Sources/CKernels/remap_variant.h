// The loops of remap.c, compiled once for each variant.

typedef uint8_t VARIANT(byte4) __attribute__((ext_vector_type(4)));
typedef uint8_t VARIANT(byte16) __attribute__((ext_vector_type(16)));

// Pixels that are sampled, blended and written at a time.
enum { VARIANT(run_length) = 64 };

// Weights of the samples one before, at, one and two after a place `t` after the second (Keys 1981, a = -0.5).
static inline __attribute__((always_inline)) float4 VARIANT(keys_weights)(float t) {
    const float4 cube = {-0.5f, 1.5f, -1.5f, 0.5f}, square = {1, -2.5f, 2, -0.5f};
    const float4 line = {-0.5f, 0, 0.5f, 0}, constant = {0, 1, 0, 0};
    return ((cube * t + square) * t + line) * t + constant;
}

// Four samples of a line, four channels each, are one load: the row weights are the same for all, the column weights
// come last.
static inline __attribute__((always_inline)) float4 VARIANT(sample)(const void *texels, ptrdiff_t stride,
                                                                    kernel_place place, int is_bytes) {
    const float4 columns = VARIANT(keys_weights)((float)place.across * (1 / 65536.0f));
    const float4 rows = VARIANT(keys_weights)((float)place.down * (1 / 65536.0f));
    const ptrdiff_t corner = 4 * (place.texel - stride - 1);
    float16 samples[4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
        if (is_bytes) {
            VARIANT(byte16) bytes;
            __builtin_memcpy(&bytes, (const uint8_t *)texels + corner + 4 * j * stride, sizeof bytes);
            samples[j] = __builtin_convertvector(bytes, float16);
        } else {
            __builtin_memcpy(&samples[j], (const float *)texels + corner + 4 * j * stride, sizeof samples[j]);
        }
    }
    const float16 sum = rows.x * samples[0] + rows.y * samples[1] + rows.z * samples[2] + rows.w * samples[3];
    const float16 all = sum * __builtin_shufflevector(columns, columns, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    const float8 half = all.lo + all.hi;
    return half.lo + half.hi;
}

// The pixels first..<first + count of a row; returns how many of the row's blends are done.
static inline __attribute__((always_inline)) int VARIANT(sample_run)(const void *texels, ptrdiff_t stride,
                                                                     kernel_remap_row row, int is_bytes, int first,
                                                                     int count, int blend, float4 *pixels) {
    for (int i = 0; i < count; i++) pixels[i] = VARIANT(sample)(texels, stride, row.places[first + i], is_bytes);
    for (; blend < row.blend_count && row.blends[blend].x < first + count; blend++) {
        const kernel_blend other = row.blends[blend];
        float4 *pixel = &pixels[other.x - first];
        *pixel += (VARIANT(sample)(texels, stride, other.place, is_bytes) - *pixel) * other.weight;
    }
    return blend;
}

// Rounded to nearest, halves up, and clamped.
static inline VARIANT(byte4) VARIANT(rounded)(float4 value) {
    value += 0.5f;
    value = value > 0 ? value : (float4)0;
    value = value < 255 ? value : (float4)255;
    return __builtin_convertvector(__builtin_convertvector(value, int4), VARIANT(byte4));
}

static void VARIANT(remap_bytes)(const uint8_t *texels, ptrdiff_t stride, kernel_remap_row row, int step,
                                 uint8_t *target) {
    float4 pixels[VARIANT(run_length)];
    int blend = 0;
    for (int first = 0; first < row.width; first += VARIANT(run_length)) {
        const int rest = row.width - first, count = rest < VARIANT(run_length) ? rest : VARIANT(run_length);
        blend = VARIANT(sample_run)(texels, stride, row, 1, first, count, blend, pixels);
        for (int i = 0; i < count; i++) {
            const VARIANT(byte4) bytes = VARIANT(rounded)(pixels[i]);
            if (step == 4)
                __builtin_memcpy(target + 4 * (ptrdiff_t)(first + i), &bytes, 4);
            else
                __builtin_memcpy(target + 3 * (ptrdiff_t)(first + i), &bytes, 3);
        }
    }
}

static void VARIANT(remap_floats)(const float *texels, ptrdiff_t stride, kernel_remap_row row, int channels,
                                  ptrdiff_t plane, float *target) {
    float4 pixels[VARIANT(run_length)];
    int blend = 0;
    for (int first = 0; first < row.width; first += VARIANT(run_length)) {
        const int rest = row.width - first, count = rest < VARIANT(run_length) ? rest : VARIANT(run_length);
        blend = VARIANT(sample_run)(texels, stride, row, 0, first, count, blend, pixels);
        for (int channel = 0; channel < channels; channel++)
            for (int i = 0; i < count; i++) target[channel * plane + first + i] = pixels[i][channel];
    }
}

static void VARIANT(shrink)(const uint8_t *pixels, ptrdiff_t stride, int step, int source_width,
                            kernel_shrinking shrinking, float *line, int width, uint8_t *texels) {
    // Texels behind the line have no weight, but must be numbers.
    __builtin_memset(line, 0, 4 * ((size_t)source_width + (size_t)shrinking.taps) * sizeof *line);
    for (int row = 0; row < shrinking.count; row++) {
        const uint8_t *restrict source = pixels + row * stride;
        const float weight = shrinking.row_weights[row];
        if (step == 4)
            for (ptrdiff_t i = 0; i < 4 * (ptrdiff_t)source_width; i++) line[i] += weight * (float)source[i];
        else
            for (ptrdiff_t x = 0; x < source_width; x++)
                for (int channel = 0; channel < 3; channel++)
                    line[4 * x + channel] += weight * (float)source[3 * x + channel];
    }
    for (ptrdiff_t x = 0; x < width; x++) {
        float4 sum = 0;
        for (int i = 0; i < shrinking.taps; i++) {
            float4 texel;
            __builtin_memcpy(&texel, line + 4 * (ptrdiff_t)(shrinking.first[x] + i), sizeof texel);
            sum += shrinking.weights[x * shrinking.taps + i] * texel;
        }
        const VARIANT(byte4) bytes = VARIANT(rounded)(sum);
        __builtin_memcpy(texels + 4 * x, &bytes, 4);
    }
}
