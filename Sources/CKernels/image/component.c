// Reading and mapping of components. In C because every sample of every frame is processed.
#include "component.h"

#define VARIANT_SOURCE "component_variant.h"
#include "variants.h"

void kernel_mix_component(kernel_component component, int first, const float *weights, int count, float *line) {
    DISPATCH(mix_component, component, first, weights, count, line);
}

void kernel_mix_lines(const float *const *rows, const float *weights, int count, int width, float *line) {
    DISPATCH(mix_lines, rows, weights, count, width, line);
}

void kernel_average_pairs(const float *line, int width, float *target) {
    DISPATCH(average_pairs, line, width, target);
}

void kernel_map_planes(const float *source, ptrdiff_t plane, kernel_affine_color map, float *target,
                       ptrdiff_t target_plane, ptrdiff_t count) {
    DISPATCH(map_planes, source, plane, map, target, target_plane, count);
}

void kernel_map_plane(const float *source, ptrdiff_t plane, kernel_affine_color map, float *target, ptrdiff_t count) {
    DISPATCH(map_plane, source, plane, map, target, count);
}
