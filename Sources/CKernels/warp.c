// Warping by a flow. In C because it runs on every frame, over every sample.
#include "warp.h"

#include <math.h>
#include <stddef.h>

static inline int clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

static inline float confine(float value, float low, float high) {
    return value > low ? (value < high ? value : high) : low;  // NaN: low
}

// Weights of the four samples around a place `t` after the second (Keys 1981, a = -0.75).
static inline void cubic_weights(float t, float weights[4]) {
    const float a = -0.75f;
    const float s = 1 - t;
    weights[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
    weights[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    weights[2] = ((a + 2) * s - (a + 3)) * s * s + 1;
    weights[3] = ((a * (s + 1) - 5 * a) * (s + 1) + 8 * a) * (s + 1) - 4 * a;
}

void kernel_warp(kernel_flow flow, const float *source, int channels, int cubic, float *target, int first, int end) {
    const int width = flow.width, height = flow.height;
    const ptrdiff_t plane = (ptrdiff_t)width * height;
    const int taps = cubic ? 4 : 2, before = cubic ? 1 : 0;
    for (int y = first; y < end; y++) {
        for (int x = 0; x < width; x++) {
            const ptrdiff_t pixel = (ptrdiff_t)y * width + x;
            const float tx = confine((float)x + flow.u[pixel], -3, (float)(width + 2));
            const float ty = confine((float)y + flow.v[pixel], -3, (float)(height + 2));
            const int left = (int)floorf(tx), top = (int)floorf(ty);
            const float across = tx - (float)left, down = ty - (float)top;
            float columns[4] = {1 - across, across}, rows[4] = {1 - down, down};
            if (cubic) {
                cubic_weights(across, columns);
                cubic_weights(down, rows);
            }
            for (int channel = 0; channel < channels; channel++) {
                const float *samples = source + channel * plane;
                float sum = 0;
                for (int j = 0; j < taps; j++) {
                    const float *line = samples + (ptrdiff_t)clamp(top - before + j, 0, height - 1) * width;
                    float part = 0;
                    for (int i = 0; i < taps; i++) part += columns[i] * line[clamp(left - before + i, 0, width - 1)];
                    sum += rows[j] * part;
                }
                target[channel * plane + pixel] = sum;
            }
        }
    }
}
