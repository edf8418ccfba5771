// Pooling and losses on activations in blocks of 16 channels.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Activations, or the gradient with respect to them: [block][height][width][16].
typedef struct {
    float *values;
    int blocks, height, width;
    /// Pixels from block to block: height * width, or more if the map is one image of a batch of stacked images.
    ptrdiff_t stride;
} feature_map;

/// 2x2 pooling of whole windows; `pooled` has half the height and width, rounded down.
///
/// `mask`, if not NULL, is for the backward pass of maximum pooling. It has a word for each pixel of each block, with
/// the strides of `map`. Bit c is set where channel c of the pixel is its window's maximum, the first of equal ones.
void feature_pool_maximum(const feature_map *map, const feature_map *pooled, unsigned short *mask, int threads);
void feature_pool_average(const feature_map *map, const feature_map *pooled, int threads);

/// The backward pass of pooling: from the gradient with respect to the pooled map to that with respect to the map,
/// which is overwritten.
void feature_unpool_maximum(const feature_map *pooled, const unsigned short *mask, const feature_map *gradient,
                            int threads);
void feature_unpool_average(const feature_map *pooled, const feature_map *gradient, int threads);

/// The Gram matrix: `gram[i * N + j]` = sum over pixels of channel i times channel j; N = 16 * blocks. False if an
/// allocation fails.
_Bool feature_gram(const feature_map *map, float *gram, int threads);

/// `gradient += factor * matrix * map` for every pixel; `matrix` is [N][N]. False if an allocation fails.
_Bool feature_multiply_add(const feature_map *map, const float *matrix, float factor, const feature_map *gradient,
                           int threads);

/// `gradient += factor * (first - second)`, all of the same size.
void feature_add_difference(const feature_map *first, const feature_map *second, float factor,
                            const feature_map *gradient, int threads);

/// `distance` = the sum of `(first - second)^2`, both of the same size. False if an allocation fails.
_Bool feature_squared_distance(const feature_map *first, const feature_map *second, double *distance, int threads);

/// The quantiles of each channel's values, interpolated linearly: `results` is [channel][quantiles], at the levels
/// (i + 0.5) / `quantiles`. False if an allocation fails.
_Bool feature_quantiles(const feature_map *map, int quantiles, float *results, int threads);

/// Subtracts from each value the value of the same rank in a distribution: one-dimensional optimal transport of each
/// channel. `targets` is [channel][quantiles], as `feature_quantiles` gives it; `sum` is the sum of the
/// squared differences. False if an allocation fails.
_Bool feature_subtract_quantiles(const feature_map *map, const float *targets, int quantiles, double *sum,
                                 int threads);

/// Copies the first `channels` channels to contiguous planes, each times its `scale` if that is not NULL.
void feature_unblock(const feature_map *map, int channels, const float *scale, float *planes, int threads);

#ifdef __cplusplus
}
#endif
