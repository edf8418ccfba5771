// The forward-backward check of a flow. In C because Swift cannot compile single functions for wider vector
// instructions.
#include "warp.h"

#include <stddef.h>

enum { CHECK_RUN = 64 };  // pixels that are processed at once

typedef struct {
    float across[CHECK_RUN], down[CHECK_RUN];
    int inside[CHECK_RUN], corner[CHECK_RUN];
} check_targets;

#define VARIANT_SOURCE "check_variant.h"
#include "variants.h"

void kernel_check_flow(kernel_flow flow, kernel_flow reverse, kernel_consistency limits, float *certainty, int first,
                       int end) {
    DISPATCH(check_flow, flow, reverse, limits, certainty, first, end);
}
