// Which instructions the vector kernels of this process use.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// From the plainest to the widest; `KERNEL_PORTABLE` is what the compiler makes for any processor of the kind (SSE2, NEON).
typedef enum { KERNEL_PORTABLE = 0, KERNEL_AVX2 = 1, KERNEL_AVX512 = 2 } kernel_variant_t;

/// The variant in use: the widest that this processor has, unless `kernel_force_variant` or the environment variable
/// `PENTIMENTO_KERNELS` (portable, avx2, avx512) asks for a plainer one.
kernel_variant_t kernel_variant(void);

/// The widest variant that this processor has.
kernel_variant_t kernel_widest_variant(void);

/// Uses `variant`, or the widest below it that this processor has, from now on; for tests and measurements. What was
/// prepared for another variant before (packed weights, for example) stays valid only if its maker says so.
void kernel_force_variant(kernel_variant_t variant);

/// Back to the default.
void kernel_unforce_variant(void);

#ifdef __cplusplus
}
#endif
