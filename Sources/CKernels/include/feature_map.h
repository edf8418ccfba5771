// What losses and pooling do with activations in blocks of 16 channels.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Activations, or the gradient with respect to them: [block][height][width][16].
typedef struct {
    float *values;
    int blocks, height, width;
    /// The pixels from block to block: height * width, or more where the map is a part of a taller one.
    ptrdiff_t stride;
} feature_map;

/// A square of two values a side becomes one, whole squares only; `pooled` has half the height and width, rounded down.
///
/// `mask`, if not NULL, is for the maximum's way back: bit c of the word of a block's pixel is set where channel c of
/// that pixel is its square's maximum, the first of equal ones. It has a word for each of the map's pixels, strides as there.
void feature_pool_maximum(const feature_map *map, const feature_map *pooled, unsigned short *mask, int threads);
void feature_pool_average(const feature_map *map, const feature_map *pooled, int threads);

/// The gradient with respect to what was pooled, which is written, from that with respect to what came of it.
void feature_unpool_maximum(const feature_map *pooled, const unsigned short *mask, const feature_map *gradient, int threads);
void feature_unpool_average(const feature_map *pooled, const feature_map *gradient, int threads);

/// `gram[i * N + j]` = sum over pixels of channel i times channel j; N = 16 * blocks. False if there is no memory.
_Bool feature_gram(const feature_map *map, float *gram, int threads);

/// `gradient += factor * matrix * map` for every pixel; `matrix` is [N][N]. False if there is no memory.
_Bool feature_multiply_add(const feature_map *map, const float *matrix, float factor, const feature_map *gradient,
                           int threads);

/// `gradient += factor * (first - second)`, all of one size.
void feature_add_difference(const feature_map *first, const feature_map *second, float factor,
                            const feature_map *gradient, int threads);

/// `distance` = the sum of `(first - second)^2`, both of one size. False if there is no memory.
_Bool feature_squared_distance(const feature_map *first, const feature_map *second, double *distance, int threads);

/// The first `channels` channels as planes without gaps, each channel times its `scale` if that is not NULL.
void feature_unblock(const feature_map *map, int channels, const float *scale, float *planes, int threads);

#ifdef __cplusplus
}
#endif
