// Several floats as one value: clang turns the types into whatever registers the target has.
#pragma once

#include <stdint.h>

typedef float float4 __attribute__((ext_vector_type(4)));
typedef float float8 __attribute__((ext_vector_type(8)));
typedef float float16 __attribute__((ext_vector_type(16)));
typedef int32_t int4 __attribute__((ext_vector_type(4)));
