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

/// Asks work to end before it is done. In a signal handler, too, `kernel_request_cancellation` may be called.
typedef struct {
    int requested;  // read and written atomically
} kernel_cancellation;

/// What threads look at that have been given nothing else.
kernel_cancellation *kernel_process_cancellation(void);

/// Gives the calling thread, and the parallel loops that it starts, something else to look at; NULL: the process's own again.
void kernel_set_cancellation(kernel_cancellation *cancellation);

/// What the calling thread looks at.
kernel_cancellation *kernel_current_cancellation(void);

void kernel_request_cancellation(kernel_cancellation *cancellation);
_Bool kernel_is_requested(const kernel_cancellation *cancellation);

/// Whether what the calling thread looks at is requested.
_Bool kernel_is_cancelled(void);

/// The processors this process may run on.
int kernel_processor_count(void);

/// Runs `task` for each index in 0..<count on at most `threads` threads (0: one per processor), the caller's among
/// them, and returns when all are done. May be called from several threads at once and from within a task; what the
/// indices are must not depend on `threads`, so that results do not either.
///
/// Where the caller's cancellation is requested, no further index is begun, and what the loop was to compute has gaps: whoever uses
/// it asks `kernel_is_cancelled` first.
void kernel_parallel(int count, int threads, kernel_task task, void *context);

#ifdef __cplusplus
}
#endif
