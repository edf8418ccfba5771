// The vector of 16 floats that blocked tensors are made of: one register, or two, or four, as the processor has them.
#pragma once

#include <stddef.h>
#include <string.h>

enum { LANES = 16 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef float half_vector __attribute__((vector_size(8 * sizeof(float)), aligned(4)));
typedef int integer_vector __attribute__((vector_size(LANES * sizeof(int)), aligned(4)));
typedef _Bool truth_vector __attribute__((ext_vector_type(LANES)));

#define INLINE static inline __attribute__((always_inline))

// What happens to a value as it enters a convolution: see `blocked_source`.
typedef enum { ENTER_PLAIN, ENTER_RECTIFIED, ENTER_SCALED, ENTER_SUMMED, ENTER_MASKED, ENTER_SPREAD } entrance;
// What happens to it as it leaves: see `blocked_target`.
typedef enum { LEAVE_PLAIN, LEAVE_MEASURED, LEAVE_RECTIFIED, LEAVE_MAXIMUM, LEAVE_AVERAGE } departure;

// How many pixels and blocks of output the innermost loop keeps in registers: as many as there are registers for.
#define PIXELS_portable 2
#define GROUP_portable 1
#define PIXELS_avx2 6
#define GROUP_avx2 1
#define PIXELS_avx512 14
#define GROUP_avx512 2
#define VARIANT_PIXELS VARIANT(PIXELS)
#define VARIANT_GROUP VARIANT(GROUP)
enum { MAXIMUM_PIXELS = 14, MAXIMUM_GROUP = 2 };
