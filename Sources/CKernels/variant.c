#include "variant.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_int chosen = -1;

kernel_variant_t kernel_widest_variant(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return KERNEL_PORTABLE;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return KERNEL_AVX512;
    return KERNEL_AVX2;
#else
    return KERNEL_PORTABLE;
#endif
}

static kernel_variant_t default_variant(void) {
    kernel_variant_t widest = kernel_widest_variant();
    const char *wish = getenv("PENTIMENTO_KERNELS");
    if (wish && strcmp(wish, "portable") == 0) return KERNEL_PORTABLE;
    if (wish && strcmp(wish, "avx2") == 0 && widest > KERNEL_AVX2) return KERNEL_AVX2;
    return widest;
}

kernel_variant_t kernel_variant(void) {
    int variant = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (variant < 0) atomic_store(&chosen, variant = default_variant());
    return (kernel_variant_t)variant;
}

void kernel_force_variant(kernel_variant_t variant) {
    kernel_variant_t widest = kernel_widest_variant();
    atomic_store(&chosen, variant < widest ? variant : widest);
}

void kernel_unforce_variant(void) { atomic_store(&chosen, -1); }
