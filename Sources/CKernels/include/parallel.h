// One pool of threads for everything in the process that computes.
//
// The only place that decides who computes with how many threads: OpenMP would give each streaming thread a team of
// its own, and idle teams spin against busy ones.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Called once for each index in 0..<count, on any thread of the pool or on the caller's.
typedef void (*kernel_task)(void *context, int index);

/// The processors this process may run on.
int kernel_processor_count(void);

/// Runs `task` for each index in 0..<count on at most `threads` threads (0: one per processor), the caller's among
/// them, and returns when all are done. May be called from several threads at once and from within a task; what the
/// indices are must not depend on `threads`, so that results do not either.
void kernel_parallel(int count, int threads, kernel_task task, void *context);

#ifdef __cplusplus
}
#endif
