// The path of this binary. In C because glibc declares dladdr only with _GNU_SOURCE, which Swift cannot define.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// The path of the executable or shared library that this code is linked into, from the dynamic loader; NULL if
/// unknown.
const char *kernel_binary_path(void);

#ifdef __cplusplus
}
#endif
