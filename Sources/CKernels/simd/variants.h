// Compiles one source file once for each variant. Define VARIANT_SOURCE (a file name) and include this. The file is
// then included with VARIANT(name) as name_portable, name_avx2 and name_avx512, after the vectors of `vectors.h`.
// DISPATCH(name, arguments) calls the current variant's function.
//
// VARIANT_AVX2 is 1 if AVX2 instructions are available.
//
// Contraction to FMA is off, so that all variants give bit-identical results.
#include "variant.h"

#pragma STDC FP_CONTRACT OFF

// Vectors wider than the target's registers are only passed between functions of one variant, so their ABI does not
// matter.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define VARIANT(name) name##_portable
#define VARIANT_AVX2 0
#include "vectors.h"
#include VARIANT_SOURCE
#undef VARIANT
#undef VARIANT_AVX2

#if KERNEL_X86
#define VARIANT_AVX2 1
#pragma clang attribute push(__attribute__((target(KERNEL_TARGET_AVX2))), apply_to = function)
#define VARIANT(name) name##_avx2
#include "vectors.h"
#include VARIANT_SOURCE
#undef VARIANT
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target(KERNEL_TARGET_AVX512))), apply_to = function)
#define VARIANT(name) name##_avx512
#include "vectors.h"
#include VARIANT_SOURCE
#undef VARIANT
#pragma clang attribute pop
#undef VARIANT_AVX2

#define DISPATCH(name, ...)                                      \
    switch (kernel_current_variant()) {                          \
        case KERNEL_AVX512: name##_avx512(__VA_ARGS__); break;   \
        case KERNEL_AVX2: name##_avx2(__VA_ARGS__); break;       \
        case KERNEL_PORTABLE: name##_portable(__VA_ARGS__); break; \
    }
#else
#define DISPATCH(name, ...) name##_portable(__VA_ARGS__)
#endif

#pragma clang diagnostic pop
