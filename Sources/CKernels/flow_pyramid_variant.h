// Pyramid, gradients and structure tensors of one frame.

#include "flow_vector.h"

static void VARIANT(flow_reduce_luma)(const uint8_t *luma, int width, int height, int shift, const flow_level *level, int first, int last) {
    const int block = 1 << shift;
    const float scale = 1.0f / (float)(block * block);
    enum { CHUNK = 256 };
    uint16_t sums[CHUNK * 4];
    for (int y = first; y < last; y++) {
        float *out = level->image + (long)y * level->stride;
        for (int x0 = 0; x0 < level->width; x0 += CHUNK) {
            const int count = level->width - x0 < CHUNK ? level->width - x0 : CHUNK;
            const int wide = count << shift, start = x0 << shift;
            const int present = width - start < wide ? width - start : wide;
            for (int row = 0; row < block; row++) {
                int source = (y << shift) + row;
                const uint8_t *in = luma + (long)(source < height ? source : height - 1) * width + start;
                if (row == 0)
                    for (int x = 0; x < present; x++) sums[x] = in[x];
                else
                    for (int x = 0; x < present; x++) sums[x] = (uint16_t)(sums[x] + in[x]);
            }
            for (int x = present; x < wide; x++) sums[x] = sums[present - 1];
            if (shift == 0)
                for (int x = 0; x < count; x++) out[x0 + x] = (float)sums[x];
            else if (shift == 1)
                for (int x = 0; x < count; x++) out[x0 + x] = (float)(sums[2 * x] + sums[2 * x + 1]) * scale;
            else
                for (int x = 0; x < count; x++)
                    out[x0 + x] = (float)(sums[4 * x] + sums[4 * x + 1] + sums[4 * x + 2] + sums[4 * x + 3]) * scale;
        }
    }
}

static void VARIANT(flow_halve)(const flow_level *fine, const flow_level *coarse, int first, int last) {
    for (int y = first; y < last; y++) {
        const float *upper = fine->image + (long)(2 * y) * fine->stride, *lower = upper + fine->stride;
        float *out = coarse->image + (long)y * coarse->stride;
        for (int x = 0; x < coarse->width; x += 16) {
            floats low = load(upper + 2 * x) + load(lower + 2 * x);
            floats high = load(upper + 2 * x + 16) + load(lower + 2 * x + 16);
            store(out + x, (even_ones(low, high) + odd_ones(low, high)) * 0.25f);
        }
    }
}

static void VARIANT(flow_pad)(const flow_level *level, int first, int last) {
    const int right = level->stride - FLOW_MARGIN;
    for (int y = first; y < last; y++) {
        float *row = level->image + (long)y * level->stride;
        for (int x = 1; x <= FLOW_MARGIN; x++) row[-x] = row[0];
        for (int x = level->width; x < right; x++) row[x] = row[level->width - 1];
    }
    if (first == 0)
        for (int y = 1; y <= FLOW_BORDER; y++) copy_row(level, level->image - (long)y * level->stride, level->image);
    if (last == level->height) {
        float *bottom = level->image + (long)(level->height - 1) * level->stride;
        for (int y = 1; y <= FLOW_BORDER; y++) copy_row(level, bottom + (long)y * level->stride, bottom);
    }
}

static void VARIANT(flow_gradients)(const flow_level *level, int first, int last) {
    const long stride = level->stride;
    const int width = level->width;
    for (int y = first; y < last; y++) {
        const float *row = level->image + y * stride;
        float *out_x = level->gradient_x + y * stride, *out_y = level->gradient_y + y * stride;
        for (int x = 0; x < width; x += 16) {
            const float *at = row + x;
            store(out_x + x, (load(at + 1) - load(at - 1)) * 0.5f);
            store(out_y + x, (load(at + stride) - load(at - stride)) * 0.5f);
        }
        for (int x = width; x < ((width + 15) & ~15); x++) out_x[x] = out_y[x] = 0;
    }
}

static void VARIANT(flow_tensors)(const flow_level *level, int first, int last) {
    const float inverse_count = 1.0f / (FLOW_PATCH * FLOW_PATCH);
    for (int row = first; row < last; row++) {
        const int y = flow_patch_position(row, level->step, level->height);
        for (int column = 0; column < level->columns; column++) {
            const int x = flow_patch_position(column, level->step, level->width);
            const float *gx = level->gradient_x + (long)y * level->stride + x;
            const float *gy = level->gradient_y + (long)y * level->stride + x;
            floats xx = {}, xy = {}, yy = {};
            floats sum_x = {}, sum_y = {};
            for (int r = 0; r < FLOW_PATCH; r += 2) {
                floats dx = join(load_half(gx), load_half(gx + level->stride));
                floats dy = join(load_half(gy), load_half(gy + level->stride));
                gx += 2 * (long)level->stride, gy += 2 * (long)level->stride;
                xx += dx * dx, xy += dx * dy, yy += dy * dy;
                sum_x += dx, sum_y += dy;
            }
            quarter_floats squares = sums_of_four(xx, xy, yy, sum_x), sums = sums_of_four(sum_y, sum_y, sum_y, sum_y);
            flow_tensor *tensor = level->tensors + (long)row * level->columns + column;
            tensor->sum_x = squares[3];
            tensor->sum_y = sums[0];
            // A little is added to the diagonal: a patch without texture, or with an edge only, is then not moved
            // along what it does not show.
            float hxx = squares[0] - tensor->sum_x * tensor->sum_x * inverse_count + 1.0f;
            float hxy = squares[1] - tensor->sum_x * tensor->sum_y * inverse_count;
            float hyy = squares[2] - tensor->sum_y * tensor->sum_y * inverse_count + 1.0f;
            float determinant = hxx * hyy - hxy * hxy;
            float scale = determinant > 1e-3f * (hxx + hyy) ? 1.0f / determinant : 0.0f;
            tensor->inverse_xx = hyy * scale;
            tensor->inverse_xy = -hxy * scale;
            tensor->inverse_yy = hxx * scale;
        }
    }
}
