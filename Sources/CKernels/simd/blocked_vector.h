// The vector of 16 floats that blocked tensors consist of: one, two or four registers, depending on the processor.
#pragma once

#include <stddef.h>
#include <string.h>

enum { LANES = 16 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef float half_vector __attribute__((vector_size(8 * sizeof(float)), aligned(4)));
typedef int integer_vector __attribute__((vector_size(LANES * sizeof(int)), aligned(4)));
typedef _Bool truth_vector __attribute__((ext_vector_type(LANES)));

#define INLINE static inline __attribute__((always_inline))

// The fused prologues of a convolution: see `blocked_source`.
typedef enum { PROLOGUE_PLAIN, PROLOGUE_RELU, PROLOGUE_SCALE, PROLOGUE_SUM, PROLOGUE_MASK, PROLOGUE_UNPOOL } prologue;
// The fused epilogues of a convolution: see `blocked_target`.
typedef enum { EPILOGUE_PLAIN, EPILOGUE_MOMENTS, EPILOGUE_RELU, EPILOGUE_MAXIMUM, EPILOGUE_AVERAGE } epilogue;

// The number of pixels and output blocks of the innermost loop: as many as fit into the registers.
#define PIXELS_portable 2
#define GROUP_portable 1
#define PIXELS_avx2 6
#define GROUP_avx2 1
#define PIXELS_avx512 14
#define GROUP_avx512 2
#define VARIANT_PIXELS VARIANT(PIXELS)
#define VARIANT_GROUP VARIANT(GROUP)
enum { MAXIMUM_PIXELS = 14, MAXIMUM_GROUP = 2 };
