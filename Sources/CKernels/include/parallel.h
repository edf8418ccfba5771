// The thread pool for all computation in the process.
//
// A single pool instead of OpenMP, which would give each streaming thread a team of its own: spinning idle teams would
// slow down the busy ones.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Called once for each index in 0..<count, on a thread of the pool or on the caller's.
typedef void (*kernel_task)(void *context, int index);

/// A cancellation token.
typedef struct {
    int requested;  // read and written atomically
} kernel_cancellation;

/// The default token of all threads.
kernel_cancellation *kernel_process_cancellation(void);

/// Sets the token of the calling thread and of the parallel loops that it starts; NULL: the process's token.
void kernel_set_cancellation(kernel_cancellation *cancellation);

/// The token of the calling thread.
kernel_cancellation *kernel_current_cancellation(void);

/// Requests cancellation. May be called in a signal handler.
void kernel_request_cancellation(kernel_cancellation *cancellation);
_Bool kernel_is_requested(const kernel_cancellation *cancellation);

/// Whether the calling thread's token is requested.
_Bool kernel_is_cancelled(void);

/// The number of processors that this process may run on.
int kernel_processor_count(void);

/// Runs `task` for each index in 0..<count on at most `threads` threads (0: one per processor) including the caller's,
/// and returns when all are done. May be called from several threads at once and from within a task. The work of an
/// index must not depend on `threads`, so that results do not either.
///
/// If the caller's token is requested, no further index is started and the result is incomplete: check
/// `kernel_is_cancelled` before using it.
void kernel_parallel(int count, int threads, kernel_task task, void *context);

#ifdef __cplusplus
}
#endif
