// Direct convolution, for any kernel, stride and dilation. A chunk's input is first copied, with padding and prologue
// applied, into scratch memory that fits into the cache.

static void VARIANT(convolve_direct)(const blocked_call *call, int chunk, float *scratch) {
    const blocked_kernel *kernel = call->kernel;
    const blocked_target *target = call->target;
    direct_tiling tiling = plan_direct(kernel, target);
    int blocks = blocks_of(kernel->inputs), depth = depth_of(kernel->inputs), side = kernel->kernel;
    int column = chunk % tiling.chunks_across * tiling.columns, row = chunk / tiling.chunks_across * tiling.rows;
    int columns = target->width - column < tiling.columns ? target->width - column : tiling.columns;
    int rows = target->height - row < tiling.rows ? target->height - row : tiling.rows;

    // Scratch memory: the input, one row of output, the segments, the moments (whose size is no multiple of 8).
    ptrdiff_t line = (ptrdiff_t)tiling.input_columns * LANES, plane = tiling.input_rows * line;
    float *input = scratch, *output = input + blocks * plane;
    ptrdiff_t *segments = (ptrdiff_t *)(output + (ptrdiff_t)MAXIMUM_GROUP * tiling.columns * LANES);
    VARIANT(moments) *moments =
        (VARIANT(moments) *)((float *)segments + segment_floats((size_t)blocks * side * side));
    memset(moments, 0, sizeof *moments * target->blocks);
    int segment_count = 0;
    for (int block = 0; block < blocks; block++)
        for (int ky = 0; ky < side; ky++)
            for (int kx = 0; kx < side; kx++)
                segments[segment_count++] =
                    block * plane + ky * kernel->dilation * line + (ptrdiff_t)kx * kernel->dilation * LANES;
    for (int block = 0; block < blocks; block++)
        VARIANT(fill)(call->source, block, row * kernel->stride, tiling.input_rows, column * kernel->stride,
                      tiling.input_columns, input + block * plane);

    ptrdiff_t weight_block = (ptrdiff_t)segment_count * depth * LANES;
    for (int y = 0; y < rows; y++)
        for (int block = 0; block < target->blocks && !kernel_is_cancelled(); block += VARIANT_GROUP) {
            int group = target->blocks - block < VARIANT_GROUP ? 1 : VARIANT_GROUP;
            VARIANT(multiply)(columns, group, input + y * kernel->stride * line, segments, segment_count, depth,
                              (ptrdiff_t)kernel->stride * LANES, call->weights + block * weight_block, weight_block,
                              output, (ptrdiff_t)tiling.columns * LANES);
            for (int g = 0; g < group; g++) {
                VARIANT(block_view) to = VARIANT(view_of_block)(target, block + g);
                const float *from = output + (ptrdiff_t)g * tiling.columns * LANES;
                float *first = to.values + (row + y) * to.row + column * to.column;
                VARIANT(moments) block_moments = moments[block + g];
                if (y == 0) block_moments.pivot = load(from);
                for (int x = 0; x < columns; x++) {
                    f32x16 value = load(from + x * LANES);
                    store(first + x * to.column, value);
                    VARIANT(add_to_moments)(&block_moments, value);
                }
                moments[block + g] = block_moments;
            }
        }
    for (int block = 0; block < target->blocks; block++) VARIANT(store_moments)(target, chunk, block, moments[block]);
}
