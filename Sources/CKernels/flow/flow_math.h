// Scalar functions of the flow kernels.
#pragma once

#include "vectors.h"

INLINE int floor_to_int(float value) {
    int truncated = (int)value;
    return truncated - (value < (float)truncated);
}
INLINE float clamp(float value, float low, float high) {
    return value > low ? (value < high ? value : high) : low;
}
INLINE int clamp_int(int value, int low, int high) { return value < low ? low : value > high ? high : value; }
