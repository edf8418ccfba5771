// The convolution code that is compiled once for each variant, in the order of its dependencies.

// Contraction to FMA is allowed: it is twice as fast, and the variants need not be bit-identical.
#pragma STDC FP_CONTRACT ON

#include "blocked_source_variant.h"
#include "blocked_target_variant.h"
#include "blocked_multiply_variant.h"
#include "blocked_input_transform_variant.h"
#include "blocked_tiles_variant.h"
#include "blocked_raw_weights_variant.h"
#include "blocked_decomposed_variant.h"
#include "blocked_direct_variant.h"
#include "blocked_image_variant.h"
