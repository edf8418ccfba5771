// The convolution code that is compiled once for each variant, in the order of its dependencies.

// Contraction to FMA is allowed: it is twice as fast, and the variants need not be bit-identical.
#pragma STDC FP_CONTRACT ON

// Vectors wider than the target's registers are only passed between functions of one variant, so their ABI does not
// matter.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#include "blocked_source_variant.h"
#include "blocked_target_variant.h"
#include "blocked_multiply_variant.h"
#include "blocked_line_variant.h"
#include "blocked_tiles_variant.h"
#include "blocked_filters_variant.h"
#include "blocked_nested_variant.h"
#include "blocked_direct_variant.h"
#include "blocked_picture_variant.h"

#pragma clang diagnostic pop
