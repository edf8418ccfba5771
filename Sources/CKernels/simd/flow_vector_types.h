// The types of flow_vector.h, and the names of its functions. They exist once for each variant because the compiler
// only inlines between functions of the same target.
#pragma once

#define INLINE static inline __attribute__((always_inline))

// Vectors wider than the registers are only passed between inlined functions, so their ABI does not matter.
#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

typedef float floats __attribute__((vector_size(64)));
typedef float floats_unaligned __attribute__((vector_size(64), aligned(4)));
typedef float half_floats __attribute__((vector_size(32)));
typedef float half_floats_unaligned __attribute__((vector_size(32), aligned(4)));
typedef float quarter_floats __attribute__((vector_size(16)));
typedef float quarter_floats_unaligned __attribute__((vector_size(16), aligned(4)));
typedef int integers __attribute__((vector_size(64)));

#define load VARIANT(load)
#define store VARIANT(store)
#define load_half VARIANT(load_half)
#define store_half VARIANT(store_half)
#define load_quarter VARIANT(load_quarter)
#define store_quarter VARIANT(store_quarter)
#define add_across VARIANT(add_across)
#define folded VARIANT(folded)
#define all VARIANT(all)
#define join VARIANT(join)
#define low_half VARIANT(low_half)
#define high_half VARIANT(high_half)
#define even_ones VARIANT(even_ones)
#define odd_ones VARIANT(odd_ones)
#define interleave_low VARIANT(interleave_low)
#define interleave_high VARIANT(interleave_high)
#define choose VARIANT(choose)
#define absolute VARIANT(absolute)
#define larger VARIANT(larger)
#define square_root VARIANT(square_root)
#define sums_of_four VARIANT(sums_of_four)
#define floor_to_int VARIANT(floor_to_int)
#define clamped VARIANT(clamped)
#define clamped_int VARIANT(clamped_int)
#define load_patch VARIANT(load_patch)
#define patch_difference VARIANT(patch_difference)
#define evaluate VARIANT(evaluate)
#define cost_at VARIANT(cost_at)
#define expand_row VARIANT(expand_row)
#define column_sums VARIANT(column_sums)
#define cubic_weights VARIANT(cubic_weights)
#define cubic_column VARIANT(cubic_column)
#define relax_row VARIANT(relax_row)
#define linearize_sixteen VARIANT(linearize_sixteen)
