// Tables of colors.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Replaces each of `count` colors by its entry in a table, between whose entries it interpolates along tetrahedra.
///
/// values: three planes, `plane` floats apart: first, second and third component in 0...255 after `offset` is added, clamped;
/// `offset` is taken off the results too.
/// table: size * size * size colors of three floats; the first component varies fastest.
/// size: 2 or more.
void kernel_map_by_table(float *values, ptrdiff_t plane, ptrdiff_t count, const float offset[3], const float *table,
                         int size);

#ifdef __cplusplus
}
#endif
