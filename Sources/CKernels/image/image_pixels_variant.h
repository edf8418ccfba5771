// The loops of image_pixels.c, compiled once for each variant. Four-byte pixels are read and written as little-endian
// words because compilers vectorise those, but not strided bytes.

static inline uint32_t VARIANT(load_pixel)(const uint8_t *bytes) {
    uint32_t value;
    __builtin_memcpy(&value, bytes, 4);
    return value;
}

static void VARIANT(unpack)(kernel_pixels pixels, kernel_color offset, kernel_planes planes, int first, int end) {
    const kernel_pixel_layout layout = pixels.layout;
    for (int y = first; y < end; y++) {
        const uint8_t *restrict row = pixels.base + y * pixels.stride;
        float *restrict red = planes.red + (ptrdiff_t)y * pixels.width;
        float *restrict green = planes.green + (ptrdiff_t)y * pixels.width;
        float *restrict blue = planes.blue + (ptrdiff_t)y * pixels.width;
        if (layout.step == 4) {
            const int r = layout.red * 8, g = layout.green * 8, b = layout.blue * 8;
            for (int x = 0; x < pixels.width; x++) {
                const uint32_t pixel = VARIANT(load_pixel)(row + 4 * (ptrdiff_t)x);
                red[x] = (float)(int)(pixel >> r & 255) + offset.red;
                green[x] = (float)(int)(pixel >> g & 255) + offset.green;
                blue[x] = (float)(int)(pixel >> b & 255) + offset.blue;
            }
        } else {
            // RGB and BGR differ only in the planes of the outer bytes. Constant byte offsets vectorise.
            float *restrict low = layout.red == 0 ? red : blue, *restrict high = layout.red == 0 ? blue : red;
            const float low_offset = layout.red == 0 ? offset.red : offset.blue;
            const float high_offset = layout.red == 0 ? offset.blue : offset.red;
            for (int x = 0; x < pixels.width; x++) {
                low[x] = (float)row[3 * (ptrdiff_t)x] + low_offset;
                green[x] = (float)row[3 * (ptrdiff_t)x + 1] + offset.green;
                high[x] = (float)row[3 * (ptrdiff_t)x + 2] + high_offset;
            }
        }
    }
}

// NaN becomes 0, because comparisons with it are false.
static inline uint32_t VARIANT(to_byte)(float value) {
    value += 0.5f;
    value = value > 0 ? value : 0;
    value = value < 255 ? value : 255;
    return (uint32_t)(int)value;
}

static void VARIANT(pack)(kernel_planes planes, kernel_color offset, kernel_pixels pixels, kernel_pixels rest,
                          int first, int end) {
    const kernel_pixel_layout layout = pixels.layout;
    for (int y = first; y < end; y++) {
        uint8_t *row = pixels.base + y * pixels.stride;
        const float *restrict red = planes.red + (ptrdiff_t)y * pixels.width;
        const float *restrict green = planes.green + (ptrdiff_t)y * pixels.width;
        const float *restrict blue = planes.blue + (ptrdiff_t)y * pixels.width;
        if (layout.step == 4 && rest.layout.step == 4) {
            const uint8_t *rest_row = rest.base + y * rest.stride;
            const int r = layout.red * 8, g = layout.green * 8, b = layout.blue * 8;
            const int fourth = (6 - layout.red - layout.green - layout.blue) * 8;
            const int rest_fourth = (6 - rest.layout.red - rest.layout.green - rest.layout.blue) * 8;
            // Safe if `rest` is `pixels`: each word is read before it is written. (Sanitizers prevent vectorisation.)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"
#pragma clang loop vectorize(assume_safety)
            for (int x = 0; x < pixels.width; x++) {
                const uint32_t copied = VARIANT(load_pixel)(rest_row + 4 * (ptrdiff_t)x) >> rest_fourth & 255;
                const uint32_t pixel = VARIANT(to_byte)(red[x] + offset.red) << r |
                                       VARIANT(to_byte)(green[x] + offset.green) << g |
                                       VARIANT(to_byte)(blue[x] + offset.blue) << b | copied << fourth;
                __builtin_memcpy(row + 4 * (ptrdiff_t)x, &pixel, 4);
            }
#pragma clang diagnostic pop
        } else if (layout.step == 3) {
            const int swapped = layout.red != 0;
            const float *restrict low = swapped ? blue : red, *restrict high = swapped ? red : blue;
            const float low_offset = swapped ? offset.blue : offset.red;
            const float high_offset = swapped ? offset.red : offset.blue;
            for (int x = 0; x < pixels.width; x++) {
                row[3 * (ptrdiff_t)x] = (uint8_t)VARIANT(to_byte)(low[x] + low_offset);
                row[3 * (ptrdiff_t)x + 1] = (uint8_t)VARIANT(to_byte)(green[x] + offset.green);
                row[3 * (ptrdiff_t)x + 2] = (uint8_t)VARIANT(to_byte)(high[x] + high_offset);
            }
        } else {
            // The fourth byte is not changed.
            for (int x = 0; x < pixels.width; x++) {
                uint8_t *pixel = row + 4 * (ptrdiff_t)x;
                pixel[layout.red] = (uint8_t)VARIANT(to_byte)(red[x] + offset.red);
                pixel[layout.green] = (uint8_t)VARIANT(to_byte)(green[x] + offset.green);
                pixel[layout.blue] = (uint8_t)VARIANT(to_byte)(blue[x] + offset.blue);
            }
        }
    }
}

static inline uint8_t VARIANT(luma_of)(uint32_t red, uint32_t green, uint32_t blue) {
    return (uint8_t)((red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16);
}

static void VARIANT(luma)(kernel_pixels pixels, uint8_t *luma, int first, int end) {
    const kernel_pixel_layout layout = pixels.layout;
    for (int y = first; y < end; y++) {
        const uint8_t *restrict row = pixels.base + y * pixels.stride;
        uint8_t *restrict out = luma + (ptrdiff_t)y * pixels.width;
        if (layout.step == 4) {
            const int r = layout.red * 8, g = layout.green * 8, b = layout.blue * 8;
            for (int x = 0; x < pixels.width; x++) {
                const uint32_t pixel = VARIANT(load_pixel)(row + 4 * (ptrdiff_t)x);
                out[x] = VARIANT(luma_of)(pixel >> r & 255, pixel >> g & 255, pixel >> b & 255);
            }
        } else {
            const uint32_t low = layout.red == 0 ? 19595 : 7471, high = layout.red == 0 ? 7471 : 19595;
            for (int x = 0; x < pixels.width; x++) {
                const uint8_t *pixel = row + 3 * (ptrdiff_t)x;
                out[x] = (uint8_t)((pixel[0] * low + pixel[1] * 38470u + pixel[2] * high + 32768) >> 16);
            }
        }
    }
}
