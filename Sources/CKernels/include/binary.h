// Where this code lies. In C because glibc shows dladdr only to those who define _GNU_SOURCE, which Swift cannot.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// The path of the program or library that this code is linked into, as the loader knows it; NULL if it does not say.
const char *kernel_binary_path(void);

#ifdef __cplusplus
}
#endif
