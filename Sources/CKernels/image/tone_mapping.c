#include "tone_mapping.h"

#include <math.h>

/// The value of a table at 0...1, clamped; NaN is 0.
static inline float at(const float *table, float place) {
    float position = place * kernel_tone_steps;
    if (!(position > 0)) position = 0;
    if (position > kernel_tone_steps) position = kernel_tone_steps;
    int step = (int)position;
    if (step > kernel_tone_steps - 1) step = kernel_tone_steps - 1;
    return table[step] + (position - (float)step) * (table[step + 1] - table[step]);
}

static inline float fourth_root(float value) { return sqrtf(sqrtf(value)); }

void kernel_map_tones(float *values, ptrdiff_t plane, ptrdiff_t count, const float offset[3], kernel_tone_map map) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float scene[3], light[3];
        for (int c = 0; c < 3; c++) scene[c] = at(map.light, (values[c * plane + i] + offset[c]) * (1.0f / 255));
        const float luminance = map.weights[0] * scene[0] + map.weights[1] * scene[1] + map.weights[2] * scene[2];
        const float display = at(map.display, fourth_root(luminance));
        float most = 0;
        for (int c = 0; c < 3; c++) {
            const float *row = map.primaries[c];
            light[c] = display * (row[0] * scene[0] + row[1] * scene[1] + row[2] * scene[2]);
            if (light[c] < 0) light[c] = 0;
            if (light[c] > most) most = light[c];
        }
        const float scale = at(map.compression, fourth_root(most));
        for (int c = 0; c < 3; c++) {
            values[c * plane + i] = 255 * at(map.code, fourth_root(light[c] * scale)) - offset[c];
        }
    }
}
