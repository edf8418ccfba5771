// The loops of remap.c, compiled once for each variant.

// Pixels that are sampled, blended and written at once.
enum { VARIANT(run_length) = 64 };

// Cubic weights of the four samples around a position `t` after the second (Keys 1981, a = -0.5).
typedef struct {
    float a, b, c, d;
} VARIANT(cubic_weights);

INLINE VARIANT(cubic_weights) VARIANT(weights_at)(float t) {
    const float s = 1 - t;
    return (VARIANT(cubic_weights)){-0.5f * t * s * s, (1.5f * t - 2.5f) * t * t + 1, (1.5f * s - 2.5f) * s * s + 1,
                           -0.5f * s * t * t};
}

// Two row weights for bytes, in 16-bit fixed point with steps of 1 / 16384.
INLINE int32_t VARIANT(pack_weights)(float first, float second) {
    const int low = (int)(first * 16384 + 16384.5f) - 16384, high = (int)(second * 16384 + 16384.5f) - 16384;
    return (int32_t)(((uint32_t)low & 0xFFFF) | (uint32_t)high << 16);
}

// The weights of a run of samples, computed together so that the loops vectorise.
typedef struct {
    int32_t upper[VARIANT(run_length)], lower[VARIANT(run_length)];
    float columns[4][VARIANT(run_length)];
} VARIANT(byte_weights);

INLINE void VARIANT(weights_of_run)(const sample_position *positions, int count, VARIANT(byte_weights) *weights) {
    for (int i = 0; i < count; i++) {
        const VARIANT(cubic_weights) rows = VARIANT(weights_at)((float)positions[i].down * (1 / 65536.0f));
        weights->upper[i] = VARIANT(pack_weights)(rows.a, rows.b);
        weights->lower[i] = VARIANT(pack_weights)(rows.c, rows.d);
    }
    for (int i = 0; i < count; i++) {
        const VARIANT(cubic_weights) columns = VARIANT(weights_at)((float)positions[i].across * (1 / 65536.0f));
        weights->columns[0][i] = columns.a * (1 / 16384.0f);
        weights->columns[1][i] = columns.b * (1 / 16384.0f);
        weights->columns[2][i] = columns.c * (1 / 16384.0f);
        weights->columns[3][i] = columns.d * (1 / 16384.0f);
    }
}

// Interleaves the bytes of two lines: of the first two samples, and of the last two.
INLINE u8x16 VARIANT(interleave_first)(u8x16 a, u8x16 b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

INLINE u8x16 VARIANT(interleave_last)(u8x16 a, u8x16 b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Adds eight interleaved values of two lines times their weights.
INLINE void VARIANT(add_lines)(u8x16 bytes, int32_t weights, i32x8 *sum) {
    const i16x16 samples = __builtin_convertvector(bytes, i16x16);
#if VARIANT_AVX2
    // An intrinsic, because clang compiles the C code below to two such instructions.
    typedef short arguments __attribute__((__vector_size__(32)));
    const i32x8 repeated = (i32x8)weights;
    *sum += (i32x8)__builtin_ia32_pmaddwd256((arguments)samples, (arguments)repeated);
#else
    for (int i = 0; i < 8; i++)
        (*sum)[i] += samples[2 * i] * (int16_t)(weights & 0xFFFF) + samples[2 * i + 1] * (int16_t)(weights >> 16);
#endif
}

// Adds the channels of two samples times their weights.
INLINE void VARIANT(add_columns)(const i32x8 *samples, float first, float second, f32x8 *sum) {
    const f32x4 low = first, high = second;
    *sum += __builtin_convertvector(*samples, f32x8) * __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}

// One load reads four samples of a line with four channels each.
INLINE void VARIANT(sample_bytes)(const uint8_t *texels, ptrdiff_t stride, const sample_position *positions, int count,
                                  f32x4 *pixels) {
    VARIANT(byte_weights) weights;
    VARIANT(weights_of_run)(positions, count, &weights);
    for (int i = 0; i < count; i++) {
        const uint8_t *corner = texels + 4 * (positions[i].texel - stride - 1);
        const u8x16 a = load_bytes(corner), b = load_bytes(corner + 4 * stride);
        const u8x16 c = load_bytes(corner + 8 * stride), d = load_bytes(corner + 12 * stride);
        i32x8 left = 0, right = 0;
        VARIANT(add_lines)(VARIANT(interleave_first)(a, b), weights.upper[i], &left);
        VARIANT(add_lines)(VARIANT(interleave_first)(c, d), weights.lower[i], &left);
        VARIANT(add_lines)(VARIANT(interleave_last)(a, b), weights.upper[i], &right);
        VARIANT(add_lines)(VARIANT(interleave_last)(c, d), weights.lower[i], &right);
        f32x8 sum = 0;
        VARIANT(add_columns)(&left, weights.columns[0][i], weights.columns[1][i], &sum);
        VARIANT(add_columns)(&right, weights.columns[2][i], weights.columns[3][i], &sum);
        pixels[i] = sum.lo + sum.hi;
    }
}

INLINE void VARIANT(sample_floats)(const float *texels, ptrdiff_t stride, const sample_position *positions, int count,
                                   f32x4 *pixels) {
    for (int i = 0; i < count; i++) {
        const VARIANT(cubic_weights) across = VARIANT(weights_at)((float)positions[i].across * (1 / 65536.0f));
        const VARIANT(cubic_weights) down = VARIANT(weights_at)((float)positions[i].down * (1 / 65536.0f));
        const float *corner = texels + 4 * (positions[i].texel - stride - 1);
        const f32x16 a = load(corner), b = load(corner + 4 * stride);
        const f32x16 c = load(corner + 8 * stride), d = load(corner + 12 * stride);
        const f32x4 columns = {across.a, across.b, across.c, across.d};
        const f32x16 sum = down.a * a + down.b * b + down.c * c + down.d * d;
        pixels[i] = sum_quarters(sum * repeat4(columns));
    }
}

INLINE void VARIANT(sample)(const void *texels, ptrdiff_t stride, const sample_position *positions, int count,
                            int is_bytes, f32x4 *pixels) {
    if (is_bytes)
        VARIANT(sample_bytes)(texels, stride, positions, count, pixels);
    else
        VARIANT(sample_floats)(texels, stride, positions, count, pixels);
}

// Samples pixels first..<first + count of a row; returns how many of the row's blends are done.
INLINE int VARIANT(sample_run)(const void *texels, ptrdiff_t stride, kernel_remap_row row, int is_bytes, int first,
                               int count, int blend, f32x4 *pixels) {
    VARIANT(sample)(texels, stride, row.positions + first, count, is_bytes, pixels);
    while (blend < row.blend_count && row.blends[blend].x < first + count) {
        const kernel_blend *others = row.blends + blend;
        sample_position positions[VARIANT(run_length)];
        f32x4 samples[VARIANT(run_length)];
        int found = 0;
        while (found < VARIANT(run_length) && blend + found < row.blend_count && others[found].x < first + count) {
            positions[found] = others[found].position;
            found++;
        }
        VARIANT(sample)(texels, stride, positions, found, is_bytes, samples);
        for (int i = 0; i < found; i++) {
            f32x4 *pixel = &pixels[others[i].x - first];
            *pixel += (samples[i] - *pixel) * others[i].weight;
        }
        blend += found;
    }
    return blend;
}

// Rounded to nearest, halves up, and clamped.
static inline u8x4 VARIANT(rounded)(f32x4 value) {
    value += 0.5f;
    value = value > 0 ? value : (f32x4)0;
    value = value < 255 ? value : (f32x4)255;
    return __builtin_convertvector(__builtin_convertvector(value, i32x4), u8x4);
}

static void VARIANT(remap_bytes)(const uint8_t *texels, ptrdiff_t stride, kernel_remap_row row, int step,
                                 uint8_t *target) {
    f32x4 pixels[VARIANT(run_length)];
    int blend = 0;
    for (int first = 0; first < row.width; first += VARIANT(run_length)) {
        const int rest = row.width - first, count = rest < VARIANT(run_length) ? rest : VARIANT(run_length);
        blend = VARIANT(sample_run)(texels, stride, row, 1, first, count, blend, pixels);
        uint8_t *line = target + (ptrdiff_t)step * first;
        int i = 0;
        for (; step == 4 && i + 4 <= count; i += 4) {
            f32x16 value = load((const float *)(pixels + i)) + 0.5f;
            value = minimum(maximum(value, broadcast(0)), broadcast(255));
            const u8x16 bytes = __builtin_convertvector(__builtin_convertvector(value, i32x16), u8x16);
            __builtin_memcpy(line + 4 * i, &bytes, sizeof bytes);
        }
        for (; i < count; i++) {
            const u8x4 bytes = VARIANT(rounded)(pixels[i]);
            __builtin_memcpy(line + step * i, &bytes, (size_t)step);
        }
    }
}

static void VARIANT(remap_floats)(const float *texels, ptrdiff_t stride, kernel_remap_row row, int channels,
                                  ptrdiff_t plane, float *target) {
    f32x4 pixels[VARIANT(run_length)];
    int blend = 0;
    for (int first = 0; first < row.width; first += VARIANT(run_length)) {
        const int rest = row.width - first, count = rest < VARIANT(run_length) ? rest : VARIANT(run_length);
        blend = VARIANT(sample_run)(texels, stride, row, 0, first, count, blend, pixels);
        for (int channel = 0; channel < channels; channel++)
            for (int i = 0; i < count; i++) target[channel * plane + first + i] = pixels[i][channel];
    }
}

static void VARIANT(downscale)(const uint8_t *pixels, ptrdiff_t stride, int step, int source_width,
                               kernel_downscale downscale, float *line, int width, uint8_t *texels) {
    // Texels beyond the line have zero weights, but must not be NaN.
    __builtin_memset(line, 0, 4 * ((size_t)source_width + (size_t)downscale.taps) * sizeof *line);
    for (int row = 0; row < downscale.count; row++) {
        const uint8_t *restrict source = pixels + row * stride;
        const float weight = downscale.row_weights[row];
        if (step == 4)
            for (ptrdiff_t i = 0; i < 4 * (ptrdiff_t)source_width; i++) line[i] += weight * (float)source[i];
        else
            for (ptrdiff_t x = 0; x < source_width; x++)
                for (int channel = 0; channel < 3; channel++)
                    line[4 * x + channel] += weight * (float)source[3 * x + channel];
    }
    for (ptrdiff_t x = 0; x < width; x++) {
        f32x4 sum = 0;
        for (int i = 0; i < downscale.taps; i++) {
            const float *texel = line + 4 * (ptrdiff_t)(downscale.first[x] + i);
            sum += downscale.weights[x * downscale.taps + i] * load4(texel);
        }
        const u8x4 bytes = VARIANT(rounded)(sum);
        __builtin_memcpy(texels + 4 * x, &bytes, 4);
    }
}
