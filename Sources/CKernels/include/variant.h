// The instruction set of the kernels, chosen once at run time and the same for all of them.
//
// The portable variant of a kernel is its reference implementation; the others are tested against it.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    KERNEL_PORTABLE = 0,  // the architecture's baseline: SSE2 or NEON
    KERNEL_AVX2 = 1,      // AVX2 and FMA
    KERNEL_AVX512 = 2,    // AVX-512 F, BW, DQ and VL: every AVX-512 server and desktop core since Skylake-X
} kernel_variant;

/// The variant to run: the best that the processor supports, unless a lower one was set for this thread or, with
/// PENTIMENTO_KERNELS=portable or avx2 in the environment, for the process.
kernel_variant kernel_current_variant(void);

/// Lowers the variant for the calling thread and the parallel loops that it starts; -1: no longer. For tests.
void kernel_set_variant(int variant);

/// The variant set for the calling thread, or -1.
int kernel_variant_setting(void);

#ifdef __cplusplus
}
#endif

#if defined(__x86_64__)
#define KERNEL_X86 1
// The arguments of __attribute__((target(...))) for each variant: use with `#pragma clang attribute push`.
#define KERNEL_TARGET_AVX2 "avx2,fma"
#define KERNEL_TARGET_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"
#else
#define KERNEL_X86 0
#endif
