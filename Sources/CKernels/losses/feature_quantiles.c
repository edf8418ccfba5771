// One-dimensional optimal transport of each channel: Swift's sort would take three times as long.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "feature_map.h"
#include "parallel.h"

enum { LANES = 16, DIGIT = 11, DIGITS = 1 << DIGIT };

/// Maps a float to an integer of the same order; NaNs lie at the ends.
static uint32_t key_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static float value_of(uint32_t key) {
    uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Sorts by the upper 32 bits, least significant digit first; stable. Three passes: the result is in `buffer`.
static void sort(uint64_t *pairs, uint64_t *buffer, int count) {
    for (int shift = 32; shift < 64; shift += DIGIT) {
        int offsets[DIGITS] = {0};
        for (int i = 0; i < count; i++) offsets[(pairs[i] >> shift) & (DIGITS - 1)]++;
        for (int digit = 0, sum = 0; digit < DIGITS; digit++) {
            int frequency = offsets[digit];
            offsets[digit] = sum;
            sum += frequency;
        }
        for (int i = 0; i < count; i++) buffer[offsets[(pairs[i] >> shift) & (DIGITS - 1)]++] = pairs[i];
        uint64_t *swap = pairs;
        pairs = buffer;
        buffer = swap;
    }
}

typedef struct {
    feature_map map;
    int pixels, quantiles;
    const float *targets;
    float *results;
    double *sums;
    _Atomic _Bool *has_failed;
} quantile_call;

static float *at_channel(const quantile_call *call, int channel) {
    return call->map.values + (channel / LANES) * call->map.stride * LANES + channel % LANES;
}

/// The pairs of sort key and pixel of a channel, sorted, in the second half of an allocation; NULL if that fails.
static uint64_t *sorted(const quantile_call *call, int channel) {
    uint64_t *pairs = malloc(sizeof *pairs * 2 * (size_t)call->pixels);
    if (!pairs) {
        *call->has_failed = 1;
        return NULL;
    }
    const float *values = at_channel(call, channel);
    for (int i = 0; i < call->pixels; i++)
        pairs[i] = (uint64_t)key_of(values[(ptrdiff_t)i * LANES]) << 32 | (uint32_t)i;
    sort(pairs, pairs + call->pixels, call->pixels);
    return pairs;
}

/// The position of the quantile at level (index + 0.5) / count among `length` sorted values, for linear interpolation
/// between values `first` and `first` + 1. Beyond the outer values the position is clamped.
static void quantile_position(int index, int count, int length, int *first, float *fraction) {
    double position = (index + 0.5) * length / count - 0.5;
    if (position < 0) position = 0;
    if (position > length - 1) position = length - 1;
    *first = (int)position < length - 1 ? (int)position : length > 1 ? length - 2 : 0;
    *fraction = length > 1 ? (float)(position - *first) : 0;
}

static void read_channel(void *context, int channel) {
    const quantile_call *call = context;
    uint64_t *memory = sorted(call, channel);
    if (!memory) return;
    const uint64_t *pairs = memory + call->pixels;
    float *result = call->results + (ptrdiff_t)channel * call->quantiles;
    for (int q = 0; q < call->quantiles; q++) {
        int first;
        float fraction;
        quantile_position(q, call->quantiles, call->pixels, &first, &fraction);
        float low = value_of((uint32_t)(pairs[first] >> 32));
        float high = fraction > 0 ? value_of((uint32_t)(pairs[first + 1] >> 32)) : low;
        result[q] = low + (high - low) * fraction;
    }
    free(memory);
}

static void subtract_channel(void *context, int channel) {
    const quantile_call *call = context;
    uint64_t *memory = sorted(call, channel);
    if (!memory) return;
    const uint64_t *pairs = memory + call->pixels;
    const float *target = call->targets + (ptrdiff_t)channel * call->quantiles;
    float *values = at_channel(call, channel);
    double sum = 0;
    for (int rank = 0; rank < call->pixels; rank++) {
        int first;
        float fraction;
        quantile_position(rank, call->pixels, call->quantiles, &first, &fraction);
        float wanted = target[first];
        if (fraction > 0) wanted += (target[first + 1] - wanted) * fraction;
        float difference = value_of((uint32_t)(pairs[rank] >> 32)) - wanted;
        sum += (double)difference * difference;
        values[(ptrdiff_t)(uint32_t)pairs[rank] * LANES] = difference;
    }
    call->sums[channel] = sum;
    free(memory);
}

static _Bool run(quantile_call *call, int threads, kernel_task task) {
    _Atomic _Bool has_failed = 0;
    call->has_failed = &has_failed;
    call->pixels = call->map.height * call->map.width;
    kernel_parallel(call->map.blocks * LANES, threads, task, call);
    return !has_failed;
}

_Bool feature_quantiles(const feature_map *map, int quantiles, float *results, int threads) {
    quantile_call call = {.map = *map, .quantiles = quantiles, .results = results};
    return run(&call, threads, read_channel);
}

_Bool feature_subtract_quantiles(const feature_map *map, const float *targets, int quantiles, double *sum,
                                 int threads) {
    int channels = map->blocks * LANES;
    quantile_call call = {.map = *map, .quantiles = quantiles, .targets = targets};
    call.sums = calloc((size_t)channels, sizeof *call.sums);
    _Bool is_done = call.sums && run(&call, threads, subtract_channel);
    *sum = 0;
    for (int channel = 0; is_done && channel < channels; channel++) *sum += call.sums[channel];
    free(call.sums);
    return is_done;
}
