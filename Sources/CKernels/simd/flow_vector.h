// Operations of the flow kernels on vectors of 16 floats, in as many registers as the target needs. Included once for
// each variant.

INLINE floats load(const float *from) { return *(const floats_unaligned *)from; }
INLINE void store(float *to, floats value) { *(floats_unaligned *)to = value; }
INLINE half_floats load_half(const float *from) { return *(const half_floats_unaligned *)from; }
INLINE void store_half(float *to, half_floats value) { *(half_floats_unaligned *)to = value; }
INLINE quarter_floats load_quarter(const float *from) { return *(const quarter_floats_unaligned *)from; }
INLINE void store_quarter(float *to, quarter_floats value) { *(quarter_floats_unaligned *)to = value; }
INLINE floats all(float value) { return (floats){} + value; }

INLINE floats join(half_floats low, half_floats high) {
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
INLINE half_floats low_half(floats value) { return __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7); }
INLINE half_floats high_half(floats value) {
    return __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15);
}
INLINE floats even_ones(floats low, floats high) {
    return __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
INLINE floats odd_ones(floats low, floats high) {
    return __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
INLINE floats interleave_low(floats even, floats odd) {
    return __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
INLINE floats interleave_high(floats even, floats odd) {
    return __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
INLINE floats choose(integers mask, floats yes, floats no) {
    return (floats)(((integers)yes & mask) | ((integers)no & ~mask));
}
INLINE floats absolute(floats value) { return (floats)((integers)value & 0x7fffffff); }
INLINE floats larger(floats a, floats b) { return choose(a > b, a, b); }
INLINE floats square_root(floats value) { return __builtin_elementwise_sqrt(value); }

// The horizontal sums of four vectors, in a fixed order.
INLINE quarter_floats add_across(quarter_floats p, quarter_floats q, quarter_floats r, quarter_floats s) {
    const quarter_floats pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
    const quarter_floats rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
    return __builtin_shufflevector(pq, rs, 0, 1, 4, 5) + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}
INLINE quarter_floats folded(floats value) {
    const half_floats half = low_half(value) + high_half(value);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
}
INLINE quarter_floats sums_of_four(floats a, floats b, floats c, floats d) {
    return add_across(folded(a), folded(b), folded(c), folded(d));
}

INLINE int floor_to_int(float value) {
    int truncated = (int)value;
    return truncated - (value < (float)truncated);
}
INLINE float clamped(float value, float low, float high) {
    return value > low ? (value < high ? value : high) : low;
}
INLINE int clamped_int(int value, int low, int high) { return value < low ? low : value > high ? high : value; }
