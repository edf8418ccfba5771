// Which instructions a kernel uses: chosen once at run time, the same for every kernel.
//
// The portable variant of a kernel is its specification; the others are tested against it.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    KERNEL_PORTABLE = 0,  // what every processor of the architecture has: SSE2 or NEON
    KERNEL_AVX2 = 1,      // AVX2 and FMA
    KERNEL_AVX512 = 2,    // AVX-512 F, BW, DQ and VL, as every server and desktop core since Skylake-X that has any
} kernel_variant;

/// The variant to run: what was set for this thread, else the best that the processor has; never more than that.
/// PENTIMENTO_KERNELS=portable or avx2 in the environment lowers it for the whole process.
kernel_variant kernel_current_variant(void);

/// Lowers the variant for the calling thread and the parallel loops that it starts; -1: automatic again. For tests.
void kernel_set_variant(int variant);

/// What was set for the calling thread, or -1.
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
