// Everything that is compiled for each variant, in the order in which one part uses the other.

// Products and sums may be contracted here: that is twice as fast, and variants need not agree to the last bit.
#pragma STDC FP_CONTRACT ON

// Vectors wider than the target's registers are passed between functions of one variant only: no other sees their ABI.
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
