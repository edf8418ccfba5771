// The loops of guided.c, compiled once for each variant.

// Sums of a column of 2 * radius + 1 pixels, for each x: guide, its square, the painting's channels, and their products
// with the guide. Each of the 8 lines has `radius` repeated values at both ends.
static void VARIANT(sum_columns)(const float *guide, const float *painting, ptrdiff_t plane, int width, int height,
                                 int radius, int y, float *restrict sums) {
    const ptrdiff_t length = (ptrdiff_t)width + 2 * radius;
    __builtin_memset(sums, 0, 8 * (size_t)length * sizeof *sums);
    float *restrict line = sums + radius;
    for (int dy = -radius; dy <= radius; dy++) {
        const int row = y + dy < 0 ? 0 : y + dy < height ? y + dy : height - 1;
        const float *restrict g = guide + (ptrdiff_t)row * width;
        const float *restrict p = painting + (ptrdiff_t)row * width;
        for (int x = 0; x < width; x++) {
            line[x] += g[x];
            line[length + x] += g[x] * g[x];
        }
        for (int channel = 0; channel < 3; channel++) {
            float *restrict value = line + (2 + channel) * length, *restrict product = line + (5 + channel) * length;
            for (int x = 0; x < width; x++) {
                value[x] += p[channel * plane + x];
                product[x] += p[channel * plane + x] * g[x];
            }
        }
    }
    for (int i = 0; i < 8; i++) {
        float *ends = sums + i * length;
        for (int x = 0; x < radius; x++) {
            ends[x] = ends[radius];
            ends[radius + width + x] = ends[radius + width - 1];
        }
    }
}

static inline float VARIANT(window_sum)(const float *from, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) sum += from[i];
    return sum;
}

static void VARIANT(guided_slopes)(const float *guide, const float *painting, ptrdiff_t plane, int width, int height,
                                   int radius, float regularization, float *scratch, float *slopes, int first,
                                   int end) {
    const int side = 2 * radius + 1;
    const float count = (float)(side * side);
    const ptrdiff_t length = (ptrdiff_t)width + 2 * radius;
    for (int y = first; y < end; y++) {
        VARIANT(sum_columns)(guide, painting, plane, width, height, radius, y, scratch);
        float *row = slopes + (ptrdiff_t)y * width;
        for (int x = 0; x < width; x++) {
            const float mean = VARIANT(window_sum)(scratch + x, side);
            const float square = VARIANT(window_sum)(scratch + length + x, side);
            const float scale = 1 / (count * square - mean * mean + count * count * regularization);
            for (int channel = 0; channel < 3; channel++) {
                const float value = VARIANT(window_sum)(scratch + (2 + channel) * length + x, side);
                const float product = VARIANT(window_sum)(scratch + (5 + channel) * length + x, side);
                row[channel * plane + x] = (count * product - mean * value) * scale;
            }
        }
    }
}

static inline uint8_t VARIANT(byte_of)(float value) {
    value += 0.5f;
    value = value > 0 ? value : 0;  // NaN becomes 0
    value = value < 255 ? value : 255;
    return (uint8_t)(int)value;
}

// `red`, `green`, `blue` and `step` are constants where this is inlined, which vectorises.
INLINE void VARIANT(paint_pixels)(uint8_t *restrict row, int red, int green, int blue, int step, int width,
                                  const float *restrict lines, ptrdiff_t stride, kernel_color offset, float strength,
                                  int keeps_color) {
    for (int x = 0; x < width; x++) {
        uint8_t *pixel = row + (ptrdiff_t)step * x;
        const float r = pixel[red], g = pixel[green], b = pixel[blue];
        const float luma = 0.299f * r + 0.587f * g + 0.114f * b;
        const float detail = luma - KERNEL_GUIDE_CENTRE - lines[3 * stride + x];
        float blues = lines[x] + offset.blue + lines[4 * stride + x] * detail;
        float greens = lines[stride + x] + offset.green + lines[5 * stride + x] * detail;
        float reds = lines[2 * stride + x] + offset.red + lines[6 * stride + x] * detail;
        if (keeps_color) {
            const float change = 0.299f * reds + 0.587f * greens + 0.114f * blues - luma;
            reds = r + change;
            greens = g + change;
            blues = b + change;
        }
        pixel[red] = VARIANT(byte_of)(r + strength * (reds - r));
        pixel[green] = VARIANT(byte_of)(g + strength * (greens - g));
        pixel[blue] = VARIANT(byte_of)(b + strength * (blues - b));
    }
}

static void VARIANT(paint_guided)(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride,
                                  kernel_color offset, float strength, int keeps_color) {
    const kernel_pixel_layout layout = pixels.layout;
    uint8_t *row = pixels.base + y * pixels.stride;
    if (layout.step == 3 && layout.red == 0)
        VARIANT(paint_pixels)(row, 0, 1, 2, 3, pixels.width, lines, stride, offset, strength, keeps_color);
    else if (layout.step == 3)
        VARIANT(paint_pixels)(row, 2, 1, 0, 3, pixels.width, lines, stride, offset, strength, keeps_color);
    else
        VARIANT(paint_pixels)(row, layout.red, layout.green, layout.blue, 4, pixels.width, lines, stride, offset,
                              strength, keeps_color);
}
