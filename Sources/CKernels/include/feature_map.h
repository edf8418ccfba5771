// What losses and pooling do with activations in blocks of 16 channels, [block][height][width][16].
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// A square of two values a side becomes one, whole squares only: [block][height / 2][width / 2][16].
///
/// `mask`, if not NULL, is for the maximum's way back: bit c of the word of a block's pixel is set where channel c of
/// that pixel is its square's maximum, the first of equal ones. [block][height][width]
void feature_pool_maximum(const float *values, int blocks, int height, int width, float *pooled, unsigned short *mask,
                          int threads);
void feature_pool_average(const float *values, int blocks, int height, int width, float *pooled, int threads);

/// The gradient with respect to what was pooled, from that with respect to what came of it. `height` and `width` are those of
/// `gradient`, which is written.
void feature_unpool_maximum(const float *pooled, const unsigned short *mask, int blocks, int height, int width,
                            float *gradient, int threads);
void feature_unpool_average(const float *pooled, int blocks, int height, int width, float *gradient, int threads);

/// `gram[i * N + j]` = sum over pixels of channel i times channel j; N = 16 * blocks. False if there is no memory.
_Bool feature_gram(const float *values, int blocks, int pixels, float *gram, int threads);

/// `gradient += factor * matrix * values` for every pixel; `matrix` is [N][N]. False if there is no memory.
_Bool feature_multiply_add(const float *values, int blocks, int pixels, const float *matrix, float factor,
                           float *gradient, int threads);

/// `gradient[i] += factor * (first[i] - second[i])`, i < count.
void feature_add_difference(const float *first, const float *second, int count, float factor, float *gradient,
                            int threads);

/// The sum of `(first[i] - second[i])^2`, i < count.
double feature_squared_distance(const float *first, const float *second, int count, int threads);

/// The first `channels` channels as planes of `pixels` values, each channel times its `scale` if that is not NULL.
void feature_unblock(const float *values, int channels, int pixels, const float *scale, float *planes, int threads);

#ifdef __cplusplus
}
#endif
