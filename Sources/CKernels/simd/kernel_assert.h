// Preconditions of the kernels, checked if KERNEL_ASSERTS is defined: in debug builds and under the sanitizers. Errors
// in files and settings are detected earlier, when a plan is made.
#pragma once

#ifdef KERNEL_ASSERTS
#include <stdio.h>
#include <stdlib.h>

#define KERNEL_ASSERT(condition)                                                          \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort();                                                                      \
        }                                                                                 \
    } while (0)
#else
#define KERNEL_ASSERT(condition) ((void)sizeof(condition))
#endif
