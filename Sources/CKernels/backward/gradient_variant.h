// The backward pass, compiled once for each variant. The tasks are defined in gradient.c.
#pragma STDC FP_CONTRACT ON

/// Strided rows of pixels: the first value, and the floats from pixel to pixel, row to row and block to block.
typedef struct {
    const float *values;
    ptrdiff_t pixel, row, block;
} VARIANT(strided_rows);

/// Adds the products of `channels` input channels and `group` gradient blocks, summed over pixels, to `result`, whose
/// channels and blocks are `channel_stride` and `block_stride` floats apart.
INLINE void VARIANT(outer_product)(int channels, int group, int rows, int columns, VARIANT(strided_rows) input,
                                   VARIANT(strided_rows) gradient, float *result, ptrdiff_t channel_stride,
                                   ptrdiff_t block_stride) {
    f32x16 sums[16][2];
#pragma clang loop unroll(full)
    for (int c = 0; c < channels; c++)
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) sums[c][g] = load(result + c * channel_stride + g * block_stride);
    for (int y = 0; y < rows; y++) {
        const float *from = input.values + y * input.row, *gradients = gradient.values + y * gradient.row;
#pragma clang loop unroll(disable)
        for (int x = 0; x < columns; x++, from += input.pixel, gradients += LANES) {
            f32x16 values[2];
#pragma clang loop unroll(full)
            for (int g = 0; g < group; g++) values[g] = load(gradients + g * gradient.block);
#pragma clang loop unroll(full)
            for (int c = 0; c < channels; c++) {
                f32x16 factor = broadcast(from[c]);
#pragma clang loop unroll(full)
                for (int g = 0; g < group; g++) sums[c][g] += factor * values[g];
            }
        }
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < channels; c++)
#pragma clang loop unroll(full)
        for (int g = 0; g < group; g++) store(result + c * channel_stride + g * block_stride, sums[c][g]);
}

// The number of input channels whose sums fit into the registers.
#define CHANNELS_portable 2
#define CHANNELS_avx2 4
#define CHANNELS_avx512 8
#define VARIANT_CHANNELS VARIANT(CHANNELS)

/// Adds the gradient of one kernel tap, for `channels` input channels and `group` (1 or 2) blocks of outputs.
static __attribute__((noinline)) void VARIANT(weights_of_tap)(int channels, int group, int rows, int columns,
                                                              VARIANT(strided_rows) input,
                                                              VARIANT(strided_rows) gradient, float *result,
                                                              ptrdiff_t channel_stride,
                                                              ptrdiff_t block_stride) {
    for (int c = 0; c < channels; c += VARIANT_CHANNELS, input.values += VARIANT_CHANNELS) {
        float *to = result + c * channel_stride;
#if VARIANT_GROUP > 1
        if (group == 2) {
            VARIANT(outer_product)(VARIANT_CHANNELS, 2, rows, columns, input, gradient, to, channel_stride,
                                   block_stride);
            continue;
        }
        if (channels - c > VARIANT_CHANNELS) {
            VARIANT(outer_product)(2 * VARIANT_CHANNELS, 1, rows, columns, input, gradient, to, channel_stride,
                                   block_stride);
            c += VARIANT_CHANNELS;
            input.values += VARIANT_CHANNELS;
            continue;
        }
#endif
        VARIANT(strided_rows) block = gradient;
        for (int g = 0; g < group; g++, block.values += gradient.block)
            VARIANT(outer_product)(VARIANT_CHANNELS, 1, rows, columns, input, block, to + g * block_stride,
                                   channel_stride, block_stride);
    }
}

/// Computes taps first ..< last of input block `block` and output blocks `output` and, if it exists, `output + 1`.
static void VARIANT(weights_of_taps)(const gradient_weights *call, int output, int block, int first, int last) {
    int side = call->kernel, taps = side * side, group = smaller(2, call->output_blocks - output);
    int channels = smaller(LANES, call->inputs - block * LANES);
    channels = divided_up(channels, VARIANT_CHANNELS) * VARIANT_CHANNELS;
    ptrdiff_t result_channel = (ptrdiff_t)taps * LANES, result_block = blocks_of(call->inputs) * LANES * result_channel;
    float *result = call->result + output * result_block + (ptrdiff_t)block * LANES * result_channel;
    ptrdiff_t line = (ptrdiff_t)call->input_width * LANES, gradient_line = (ptrdiff_t)call->width * LANES;
    VARIANT(strided_rows) gradient = {NULL, LANES, gradient_line, call->height * gradient_line};
    VARIANT(strided_rows) input = {NULL, call->stride * LANES, call->stride * line, 0};
    const float *gradients = call->gradient + output * gradient.block;
    const float *inputs = call->input + (ptrdiff_t)block * call->input_height * line;

    const unsigned char *used = call->used ? call->used + output * taps : NULL;
    for (int tap = first; tap < last; tap++)
        for (int c = 0; c < LANES; c++)
            for (int g = 0; g < group; g++)
                store(result + g * result_block + c * result_channel + tap * LANES, (f32x16){0});
    int bytes = (group * call->width + call->stride * call->input_width) * LANES * (int)sizeof(float);
    int step = larger(1, CHUNK_BYTES / bytes);
    for (int y = 0; y < call->height; y += step) {
        int rows = smaller(step, call->height - y);
        gradient.values = gradients + y * gradient_line;
        for (int tap = first; tap < last; tap++) {
            if (used && !used[tap] && !(group == 2 && used[taps + tap])) continue;
            int row = y * call->stride + tap / side * call->dilation, column = tap % side * call->dilation;
            input.values = inputs + row * line + column * LANES;
            VARIANT(weights_of_tap)(channels, group, rows, call->width, input, gradient, result + tap * LANES,
                                    result_channel, result_block);
        }
    }
}

#include "blocked_input_transform_variant.h"
#include "gradient_tiles_variant.h"

/// The backward pass of the prologue for rows first ..< last of one block; `sums` gets the two sums of its channels.
static void VARIANT(prologue_rows)(const gradient_prologue *call, int block, int first, int last, float *sums) {
    ptrdiff_t line = (ptrdiff_t)call->padded_width * LANES;
    const float *padded = call->padded + block * call->padded_height * line;
    int top = (call->height - call->added_height) / 2, left = (call->width - call->added_width) / 2;
    f32x16 sum = {0}, product_sum = {0}, scale = {0}, shift = {0}, inverse = {0}, offset = {0};
    if (call->values) {
        scale = load(call->scale + block * LANES);
        shift = load(call->shift + block * LANES);
        inverse = load(call->inverse + block * LANES);
        offset = load(call->offset + block * LANES);
    }
    for (int y = first; y < last; y++) {
        ptrdiff_t position = ((ptrdiff_t)block * call->height + y) * call->width * LANES;
        const float *added = NULL;
        if (call->added && y >= top && y < top + call->added_height)
            added = call->added +
                    (((ptrdiff_t)block * call->added_height + y - top) * call->added_width - left) * LANES;
        for (int x = 0; x < call->width; x++, position += LANES) {
            f32x16 gradient = {0};
            for (int i = call->row_starts[y]; i < call->row_starts[y + 1]; i++) {
                const float *row = padded + call->rows[i] * line;
                for (int j = call->column_starts[x]; j < call->column_starts[x + 1]; j++)
                    gradient += load(row + (ptrdiff_t)call->columns[j] * LANES);
            }
            if (added && x >= left && x < left + call->added_width)
                gradient += load(added + (ptrdiff_t)x * LANES);
            if (call->values) {
                f32x16 value = load(call->values + position);
                if (call->rectify) {
                    i32x16 is_positive = value * scale + shift > (f32x16){0};
                    gradient = is_positive ? gradient : (f32x16){0};
                }
                sum += gradient;
                product_sum += gradient * (value * inverse + offset);
            }
            store(call->gradient + position, gradient);
        }
    }
    if (!call->values) return;
    store(sums, sum);
    store(sums + LANES, product_sum);
}

/// One row of the gradient with respect to the normalisation's input.
static void VARIANT(normalize_row)(const gradient_norm *call, int block, int row) {
    int upscale = call->upscale, channels = call->blocks * LANES;
    float pixels = (float)call->height * call->width;
    f32x16 inverse = load(call->inverse + block * LANES), offset = load(call->offset + block * LANES);
    f32x16 scale = load(call->scale + block * LANES) * inverse;
    f32x16 mean = load(call->sums + block * LANES) / pixels;
    f32x16 mean_product = load(call->sums + channels + block * LANES) / pixels;
    ptrdiff_t width = call->width / upscale, height = call->height / upscale;
    ptrdiff_t from_row = (ptrdiff_t)block * call->height + row;
    for (int phase = 0; phase < upscale; phase++) {
        const float *gradient = call->gradient + (from_row * call->width + phase) * LANES;
        const float *value = call->values + (from_row * call->width + phase) * LANES;
        ptrdiff_t to_block = (row % upscale * upscale + phase) * call->blocks + block;
        float *result = call->result + (to_block * height + row / upscale) * width * LANES;
        for (int x = 0; x < width; x++, gradient += upscale * LANES, value += upscale * LANES, result += LANES) {
            f32x16 standardized = load(value) * inverse + offset;
            store(result, scale * (load(gradient) - mean - standardized * mean_product));
        }
    }
}

#undef VARIANT_CHANNELS
