// From the colors of HDR video to those of SDR.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { kernel_tone_steps = 1024 };

/// Functions as tables of `kernel_tone_steps` + 1 values, between which is interpolated. Light is in 0...1 of the brightest
/// that the transfer function knows; functions of it are tabulated over its fourth root.
typedef struct {
    /// Light of a code value in 0...1.
    const float *light;
    /// Factor by the luminance of the light, from the scene to the display.
    const float *display;
    /// Factor by the largest of red, green and blue, which compresses them to 0...1 of SDR.
    const float *compression;
    /// Code value in 0...1 of light in 0...1 of SDR.
    const float *code;
    /// Weights of blue, green and red in luminance.
    float weights[3];
    /// From the primaries of HDR to those of SDR, of blue, green and red.
    float primaries[3][3];
} kernel_tone_map;

/// Maps `count` colors in place. values: planes of blue, green and red, `plane` floats apart, in 0...255 after `offset` is added,
/// clamped; `offset` is taken off the results too.
void kernel_map_tones(float *values, ptrdiff_t plane, ptrdiff_t count, const float offset[3], kernel_tone_map map);

#ifdef __cplusplus
}
#endif
