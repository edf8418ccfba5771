// The vectors of all kernels, written with clang's vector extensions: one, two or four registers, depending on the
// variant.
//
// Arithmetic, comparisons and bit operations are the operators of C, lane by lane; a scalar operand is broadcast.
// `a * b + c` is one fused multiply-add where contraction is on (`#pragma STDC FP_CONTRACT ON`). Comparisons give masks
// of 0 and -1, and `mask ? a : b` selects lanes. A cast between vectors of one size keeps the bits.
//
// `variants.h` includes this file for each variant: vectors can only be passed to functions with the same target.
// INLINE is for functions that have vectors as arguments, or arguments that are constants where they are inlined.
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16 };

typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x4 __attribute__((ext_vector_type(4)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x4 __attribute__((ext_vector_type(4)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef _Bool bits16 __attribute__((ext_vector_type(16)));

// What loads and stores read and write, at any address.
typedef f32x4 f32x4_unaligned __attribute__((aligned(4)));
typedef f32x8 f32x8_unaligned __attribute__((aligned(4)));
typedef f32x16 f32x16_unaligned __attribute__((aligned(4)));
typedef u8x16 u8x16_unaligned __attribute__((aligned(1)));

#define load VARIANT(load)
#define store VARIANT(store)
#define load8 VARIANT(load8)
#define store8 VARIANT(store8)
#define load4 VARIANT(load4)
#define store4 VARIANT(store4)
#define load_bytes VARIANT(load_bytes)
#define broadcast VARIANT(broadcast)
#define minimum VARIANT(minimum)
#define maximum VARIANT(maximum)
#define absolute VARIANT(absolute)
#define square_root VARIANT(square_root)
#define bits_of_mask VARIANT(bits_of_mask)
#define mask_of_bits VARIANT(mask_of_bits)
#define concatenate VARIANT(concatenate)
#define repeat4 VARIANT(repeat4)
#define even_lanes VARIANT(even_lanes)
#define odd_lanes VARIANT(odd_lanes)
#define interleave_low VARIANT(interleave_low)
#define interleave_high VARIANT(interleave_high)
#define sum_quarters VARIANT(sum_quarters)
#define horizontal_sums VARIANT(horizontal_sums)
#define horizontal_sums4 VARIANT(horizontal_sums4)
#define transpose4 VARIANT(transpose4)

#endif

#ifdef VARIANT

INLINE f32x16 load(const float *from) { return *(const f32x16_unaligned *)from; }
INLINE void store(float *to, f32x16 value) { *(f32x16_unaligned *)to = value; }
INLINE f32x8 load8(const float *from) { return *(const f32x8_unaligned *)from; }
INLINE void store8(float *to, f32x8 value) { *(f32x8_unaligned *)to = value; }
INLINE f32x4 load4(const float *from) { return *(const f32x4_unaligned *)from; }
INLINE void store4(float *to, f32x4 value) { *(f32x4_unaligned *)to = value; }
INLINE u8x16 load_bytes(const uint8_t *from) { return *(const u8x16_unaligned *)from; }
INLINE f32x16 broadcast(float value) { return (f32x16)value; }

// The other operand where one is NaN.
INLINE f32x16 minimum(f32x16 a, f32x16 b) { return __builtin_elementwise_min(a, b); }
INLINE f32x16 maximum(f32x16 a, f32x16 b) { return __builtin_elementwise_max(a, b); }
INLINE f32x16 absolute(f32x16 value) { return (f32x16)((i32x16)value & 0x7fffffff); }
INLINE f32x16 square_root(f32x16 value) { return __builtin_elementwise_sqrt(value); }

// A mask as 16 bits, lane 0 lowest, and back.
INLINE uint16_t bits_of_mask(i32x16 mask) {
    bits16 bits = __builtin_convertvector(mask, bits16);
    uint16_t word;
    __builtin_memcpy(&word, &bits, sizeof word);
    return word;
}
INLINE i32x16 mask_of_bits(uint16_t word) {
    bits16 bits;
    __builtin_memcpy(&bits, &word, sizeof word);
    return -__builtin_convertvector(bits, i32x16);
}

INLINE f32x16 concatenate(f32x8 low, f32x8 high) {
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
// Each lane four times.
INLINE f32x16 repeat4(f32x4 value) {
    return __builtin_shufflevector(value, value, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
}
INLINE f32x16 even_lanes(f32x16 low, f32x16 high) {
    return __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
INLINE f32x16 odd_lanes(f32x16 low, f32x16 high) {
    return __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
INLINE f32x16 interleave_low(f32x16 even, f32x16 odd) {
    return __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
INLINE f32x16 interleave_high(f32x16 even, f32x16 odd) {
    return __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// The sum of the four quarters of a vector.
INLINE f32x4 sum_quarters(f32x16 value) {
    const f32x8 half = value.lo + value.hi;
    return half.lo + half.hi;
}

// The sums over the lanes of four vectors, in a fixed order.
INLINE f32x4 horizontal_sums4(f32x4 p, f32x4 q, f32x4 r, f32x4 s) {
    const f32x4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
    const f32x4 rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
    return __builtin_shufflevector(pq, rs, 0, 1, 4, 5) + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}
INLINE f32x4 horizontal_sums(f32x16 p, f32x16 q, f32x16 r, f32x16 s) {
    return horizontal_sums4(sum_quarters(p), sum_quarters(q), sum_quarters(r), sum_quarters(s));
}

// Transposes a 4x4 matrix.
INLINE void transpose4(f32x4 rows[4]) {
    const f32x4 a = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    const f32x4 b = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    const f32x4 c = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const f32x4 d = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    rows[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    rows[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    rows[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    rows[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

#endif
