// The loops of painting.c, compiled once for each variant.

// Sums of a column of SIDE pixels around row y, for each x: guide, its square, the painting's channels, and their products with the
// guide. Each of the 8 lines has RADIUS repeated values at both ends.
static void VARIANT(sum_columns)(const float *guide, const float *painting, ptrdiff_t plane, int width,
                                 float *restrict sums) {
    const ptrdiff_t length = (ptrdiff_t)width + 2 * RADIUS;
    const float *g[SIDE];
    for (int i = 0; i < SIDE; i++) g[i] = guide + (ptrdiff_t)(i - RADIUS) * width;
    float *restrict line = sums + RADIUS;
    for (int x = 0; x < width; x++) {
        float sum = 0, square = 0;
#pragma clang loop unroll(full)
        for (int i = 0; i < SIDE; i++) {
            sum += g[i][x];
            square += g[i][x] * g[i][x];
        }
        line[x] = sum;
        line[length + x] = square;
    }
    for (int channel = 0; channel < 3; channel++) {
        const ptrdiff_t offset = painting + channel * plane - guide;
        float *restrict value = line + (2 + channel) * length, *restrict product = line + (5 + channel) * length;
        for (int x = 0; x < width; x++) {
            float sum = 0, products = 0;
#pragma clang loop unroll(full)
            for (int i = 0; i < SIDE; i++) {
                sum += g[i][offset + x];
                products += g[i][offset + x] * g[i][x];
            }
            value[x] = sum;
            product[x] = products;
        }
    }
    for (int i = 0; i < 8; i++) {
        float *ends = sums + i * length;
        for (int x = 0; x < RADIUS; x++) {
            ends[x] = ends[RADIUS];
            ends[RADIUS + width + x] = ends[RADIUS + width - 1];
        }
    }
}

INLINE float VARIANT(window_sum)(const float *from) {
    float sum = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < SIDE; i++) sum += from[i];
    return sum;
}

static void VARIANT(fit_guide)(const float *guide, const float *painting, ptrdiff_t plane, int width, int rows,
                               float regularization, float *scratch, float *offsets, float *slopes,
                               ptrdiff_t target_plane) {
    const float count = SIDE * SIDE;
    const ptrdiff_t length = (ptrdiff_t)width + 2 * RADIUS;
    float *means = scratch + 8 * length, *scales = means + width;
    for (int y = 0; y < rows; y++) {
        const ptrdiff_t row = (ptrdiff_t)y * width;
        VARIANT(sum_columns)(guide + row, painting + row, plane, width, scratch);
        for (int x = 0; x < width; x++) {
            means[x] = VARIANT(window_sum)(scratch + x);
            const float square = VARIANT(window_sum)(scratch + length + x);
            scales[x] = 1 / (count * square - means[x] * means[x] + count * count * regularization);
        }
        for (int channel = 0; channel < 3; channel++) {
            const float *values = scratch + (2 + channel) * length, *products = scratch + (5 + channel) * length;
            const float *values_of_row = painting + channel * plane + row;
            float *offset = offsets + channel * target_plane + row, *slope = slopes + channel * target_plane + row;
#pragma clang loop vectorize(assume_safety)
            for (int x = 0; x < width; x++) {
                const float by =
                    (count * VARIANT(window_sum)(products + x) - means[x] * VARIANT(window_sum)(values + x)) * scales[x];
                slope[x] = by;
                offset[x] = values_of_row[x] - by * guide[row + x];
            }
        }
    }
}

// `low` if the value is NaN.
static inline float VARIANT(clamped)(float value, float low, float high) {
    value = value > low ? value : low;
    return value < high ? value : high;
}

static inline uint32_t VARIANT(byte_of)(float value) {
    return (uint32_t)(int)VARIANT(clamped)(value + 0.5f, 0, 255);
}

typedef struct {
    float red, green, blue;
} VARIANT(color);

// `new` over `old`. Where a mask is 0 nothing changes, whatever the painting is. Whether there is one is a loop invariant.
INLINE float VARIANT(mixed)(float old, float new, float strength, const float *mask, ptrdiff_t x) {
    // 255 gives 1 exactly.
    const float opacity = mask ? strength * (mask[x] * (1 / 255.0f)) : strength;
    const float result = old + opacity * (new - old);
    return mask && !(mask[x] > 0) ? old : result;
}

// The painted color of a pixel. `is_guided` and `covering.keeps_color` are loop invariants.
INLINE VARIANT(color) VARIANT(painted)(VARIANT(color) old, const float *lines, ptrdiff_t stride, ptrdiff_t x,
                                       int is_guided, kernel_covering covering, const float *mask) {
    const float luma = 0.299f * old.red + 0.587f * old.green + 0.114f * old.blue;
    VARIANT(color) new = {lines[2 * stride + x], lines[stride + x], lines[x]};
    if (is_guided) {
        const float guide = luma - KERNEL_GUIDE_CENTRE;
        new.blue += lines[3 * stride + x] * guide;
        new.green += lines[4 * stride + x] * guide;
        new.red += lines[5 * stride + x] * guide;
    }
    if (covering.keeps_color) {
        const float change = 0.299f * new.red + 0.587f * new.green + 0.114f * new.blue - luma;
        new.red = old.red + change;
        new.green = old.green + change;
        new.blue = old.blue + change;
    }
    new.red = VARIANT(mixed)(old.red, new.red, covering.strength, mask, x);
    new.green = VARIANT(mixed)(old.green, new.green, covering.strength, mask, x);
    new.blue = VARIANT(mixed)(old.blue, new.blue, covering.strength, mask, x);
    return new;
}

// Words instead of bytes, because compilers vectorise them.
INLINE void VARIANT(paint_words)(uint8_t *row, kernel_pixel_layout layout, int width, const float *lines,
                                 ptrdiff_t stride, int is_guided, kernel_covering covering, const float *mask) {
    const int r = layout.red * 8, g = layout.green * 8, b = layout.blue * 8;
    const uint32_t rest = ~(255u << r | 255u << g | 255u << b);
    // Each word is read before it is written. (Sanitizers prevent vectorisation.)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"
#pragma clang loop vectorize(assume_safety)
    for (int x = 0; x < width; x++) {
        uint32_t word;
        __builtin_memcpy(&word, row + 4 * (ptrdiff_t)x, 4);
        const VARIANT(color) old = {(float)(int)(word >> r & 255), (float)(int)(word >> g & 255),
                                    (float)(int)(word >> b & 255)};
        const VARIANT(color) new = VARIANT(painted)(old, lines, stride, x, is_guided, covering, mask);
        word = (word & rest) | VARIANT(byte_of)(new.red) << r | VARIANT(byte_of)(new.green) << g |
               VARIANT(byte_of)(new.blue) << b;
        __builtin_memcpy(row + 4 * (ptrdiff_t)x, &word, 4);
    }
#pragma clang diagnostic pop
}

// `red` and `blue` are constants where this is inlined, which vectorises.
INLINE void VARIANT(paint_bytes)(uint8_t *restrict row, int red, int blue, int width, const float *restrict lines,
                                 ptrdiff_t stride, int is_guided, kernel_covering covering, const float *mask) {
    for (int x = 0; x < width; x++) {
        uint8_t *pixel = row + 3 * (ptrdiff_t)x;
        const VARIANT(color) old = {pixel[red], pixel[1], pixel[blue]};
        const VARIANT(color) new = VARIANT(painted)(old, lines, stride, x, is_guided, covering, mask);
        pixel[red] = (uint8_t)VARIANT(byte_of)(new.red);
        pixel[1] = (uint8_t)VARIANT(byte_of)(new.green);
        pixel[blue] = (uint8_t)VARIANT(byte_of)(new.blue);
    }
}

INLINE void VARIANT(paint_row)(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, int is_guided,
                               kernel_covering covering, const float *mask) {
    uint8_t *row = pixels.base + y * pixels.stride;
    if (pixels.layout.step == 4)
        VARIANT(paint_words)(row, pixels.layout, pixels.width, lines, stride, is_guided, covering, mask);
    else if (pixels.layout.red == 0)
        VARIANT(paint_bytes)(row, 0, 2, pixels.width, lines, stride, is_guided, covering, mask);
    else
        VARIANT(paint_bytes)(row, 2, 0, pixels.width, lines, stride, is_guided, covering, mask);
}

// With and without a mask apart, so that frames without one cost nothing.
INLINE void VARIANT(paint_masked_row)(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, int is_guided,
                                      kernel_covering covering, const float *mask) {
    if (mask)
        VARIANT(paint_row)(pixels, y, lines, stride, is_guided, covering, mask);
    else
        VARIANT(paint_row)(pixels, y, lines, stride, is_guided, covering, 0);
}

static void VARIANT(paint_pixels)(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, int is_guided,
                                  kernel_covering covering, const float *mask) {
    const kernel_covering plain = {covering.strength, 0}, colored = {covering.strength, 1};
    if (covering.keeps_color && is_guided)
        VARIANT(paint_masked_row)(pixels, y, lines, stride, 1, colored, mask);
    else if (covering.keeps_color)
        VARIANT(paint_masked_row)(pixels, y, lines, stride, 0, colored, mask);
    else if (is_guided)
        VARIANT(paint_masked_row)(pixels, y, lines, stride, 1, plain, mask);
    else
        VARIANT(paint_masked_row)(pixels, y, lines, stride, 0, plain, mask);
}

// The row's new values, clamped, in 8-bit levels.
INLINE void VARIANT(paint_line)(int width, const float *offset, const float *slope, const float *guide, float low,
                                float high, float strength, const float *mask, float *line) {
#pragma clang loop vectorize(assume_safety)
    for (int x = 0; x < width; x++) {
        const float new = slope ? offset[x] + slope[x] * (guide[x] - KERNEL_GUIDE_CENTRE) : offset[x];
        line[x] = VARIANT(mixed)(line[x], VARIANT(clamped)(new, low, high), strength, mask, x);
    }
}

INLINE void VARIANT(put_bytes)(const float *restrict line, int width, uint8_t *restrict row, int step) {
    for (int x = 0; x < width; x++) row[(ptrdiff_t)step * x] = (uint8_t)VARIANT(byte_of)(line[x]);
}

static void VARIANT(put_words)(const float *restrict line, kernel_component component, uint8_t *restrict row) {
    const float scale = (float)(1 << (component.bits - 8)), most = (float)((1 << component.bits) - 1);
    for (int x = 0; x < component.width; x++) {
        const float value = VARIANT(clamped)(line[x] * scale + 0.5f, 0, most);
        const uint16_t word = (uint16_t)((uint32_t)(int)value << component.shift);
        __builtin_memcpy(row + (ptrdiff_t)component.step * x, &word, sizeof word);
    }
}

static void VARIANT(paint_component)(kernel_component component, int y, const float *offset, const float *slope,
                                     const float *guide, float low, float high, float strength, const float *mask,
                                     float *line) {
    const float one = 1;
    kernel_mix_component(component, y, &one, 1, line);
    const float *by = guide ? guide : line;
    if (slope && mask)
        VARIANT(paint_line)(component.width, offset, slope, by, low, high, strength, mask, line);
    else if (slope)
        VARIANT(paint_line)(component.width, offset, slope, by, low, high, strength, 0, line);
    else if (mask)
        VARIANT(paint_line)(component.width, offset, 0, by, low, high, strength, mask, line);
    else
        VARIANT(paint_line)(component.width, offset, 0, by, low, high, strength, 0, line);
    uint8_t *row = component.base + y * component.stride;
    if (component.bits > 8)
        VARIANT(put_words)(line, component, row);
    else if (component.step == 1)
        VARIANT(put_bytes)(line, component.width, row, 1);
    else if (component.step == 2)
        VARIANT(put_bytes)(line, component.width, row, 2);
    else
        VARIANT(put_bytes)(line, component.width, row, component.step);
}
