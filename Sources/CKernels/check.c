// The forward-backward check of a flow. In C because Swift has no gathers: it runs on every frame.
#include "warp.h"

#include <stddef.h>

#define VARIANT_SOURCE "check_variant.h"
#include "variants.h"

void kernel_check_flow(kernel_flow flow, kernel_flow reverse, kernel_consistency limits, float *certainty, int first,
                       int end) {
    DISPATCH(check_flow, flow, reverse, limits, certainty, first, end);
}
