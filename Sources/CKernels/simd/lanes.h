// Portable vector types, which clang maps to the target's registers.
#pragma once

#include <stdint.h>

typedef float float4 __attribute__((ext_vector_type(4)));
typedef float float8 __attribute__((ext_vector_type(8)));
typedef float float16 __attribute__((ext_vector_type(16)));
typedef int32_t int4 __attribute__((ext_vector_type(4)));

/// Transposes a 4x4 matrix.
static inline __attribute__((always_inline)) void transpose4(float4 rows[4]) {
    const float4 a = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    const float4 b = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    const float4 c = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const float4 d = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    rows[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    rows[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    rows[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    rows[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}
