#include "variant.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static kernel_variant best = KERNEL_PORTABLE;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local int setting = -1;

static void find_best(void) {
#if KERNEL_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = KERNEL_AVX2;
    if (best == KERNEL_AVX2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        best = KERNEL_AVX512;
#endif
    const char *requested = getenv("PENTIMENTO_KERNELS");
    if (requested && strcmp(requested, "portable") == 0) best = KERNEL_PORTABLE;
    if (requested && strcmp(requested, "avx2") == 0 && best > KERNEL_AVX2) best = KERNEL_AVX2;
}

kernel_variant kernel_current_variant(void) {
    pthread_once(&once, find_best);
    return setting >= 0 && setting < (int)best ? (kernel_variant)setting : best;
}

void kernel_set_variant(int variant) { setting = variant; }

int kernel_variant_setting(void) { return setting; }
