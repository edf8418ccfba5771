#pragma once
#include <oneapi/dnnl/dnnl.h>

// In C since Swift does not see which of two functions a version of the library has.

/// Describes the forward pass of a convolution of floats without a bias, in the layouts that oneDNN prefers.
///
/// `source`, `weights` and `target` have four dimensions each; `strides` and `padding` two.
static inline dnnl_status_t onednn_convolution(dnnl_primitive_desc_t *description, dnnl_engine_t engine,
                                               const dnnl_dims_t source, const dnnl_dims_t weights,
                                               const dnnl_dims_t target, const dnnl_dims_t strides,
                                               const dnnl_dims_t padding) {
#if DNNL_VERSION_MAJOR >= 3
    const dnnl_dims_t dilation = {0, 0};
    const int64_t *dimensions[3] = {source, weights, target};
    dnnl_memory_desc_t layouts[3] = {0};
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < 3 && status == dnnl_success; i++)
        status = dnnl_memory_desc_create_with_tag(&layouts[i], 4, dimensions[i], dnnl_f32, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_convolution_forward_primitive_desc_create(
            description, engine, dnnl_forward_inference, dnnl_convolution_auto, layouts[0], layouts[1], 0, layouts[2],
            strides, dilation, padding, padding, 0);
    for (int i = 0; i < 3; i++)
        if (layouts[i]) dnnl_memory_desc_destroy(layouts[i]);
    return status;
#else
    const int64_t *dimensions[3] = {source, weights, target};
    dnnl_memory_desc_t layouts[3];
    for (int i = 0; i < 3; i++) {
        dnnl_status_t status =
            dnnl_memory_desc_init_by_tag(&layouts[i], 4, dimensions[i], dnnl_f32, dnnl_format_tag_any);
        if (status != dnnl_success) return status;
    }
    dnnl_convolution_desc_t convolution;
    dnnl_status_t status =
        dnnl_convolution_forward_desc_init(&convolution, dnnl_forward_inference, dnnl_convolution_auto, &layouts[0],
                                           &layouts[1], 0, &layouts[2], strides, padding, padding);
    return status == dnnl_success ? dnnl_primitive_desc_create(description, &convolution, 0, engine, 0) : status;
#endif
}
