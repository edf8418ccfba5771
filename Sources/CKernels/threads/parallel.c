#define _GNU_SOURCE
#include "parallel.h"

#include "variant.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

// A job is on its caller's stack. Workers join it through the list below. The caller removes it from the list when no
// index is left, and returns when all workers have left it.
typedef struct job {
    kernel_task task;
    void *context;
    int count;
    int variant;            // the caller's setting
    kernel_cancellation *cancellation;  // the caller's token
    int free_slots;         // how many more workers may join; guarded by `lock`
    int inside;             // workers that have joined and not left; guarded by `lock`
    atomic_int next;        // the next index to run
    struct job *following;  // guarded by `lock`
} job;

enum { MAXIMUM_WORKERS = 255, SPINS = 2000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_arrived = PTHREAD_COND_INITIALIZER;
static pthread_cond_t worker_left = PTHREAD_COND_INITIALIZER;
static job *jobs = NULL;
static atomic_int jobs_with_free_slots = 0;  // spinning workers read it without the lock
static int workers = 0;

static kernel_cancellation process_cancellation = {0};
static _Thread_local kernel_cancellation *thread_cancellation = NULL;

kernel_cancellation *kernel_process_cancellation(void) { return &process_cancellation; }

void kernel_set_cancellation(kernel_cancellation *cancellation) { thread_cancellation = cancellation; }

kernel_cancellation *kernel_current_cancellation(void) {
    return thread_cancellation ? thread_cancellation : &process_cancellation;
}

void kernel_request_cancellation(kernel_cancellation *cancellation) {
    __atomic_store_n(&cancellation->requested, 1, __ATOMIC_RELEASE);
}

_Bool kernel_is_requested(const kernel_cancellation *cancellation) {
    return __atomic_load_n(&cancellation->requested, __ATOMIC_ACQUIRE) != 0;
}

_Bool kernel_is_cancelled(void) { return kernel_is_requested(kernel_current_cancellation()); }

static void run_job(job *current) {
    int index;
    while ((index = atomic_fetch_add_explicit(&current->next, 1, memory_order_relaxed)) < current->count) {
        if (kernel_is_requested(current->cancellation)) {
            // Prevents further workers from joining.
            atomic_store_explicit(&current->next, current->count, memory_order_relaxed);
            return;
        }
        current->task(current->context, index);
    }
}

static bool job_is_open(job *candidate) {
    return candidate->free_slots > 0 &&
           atomic_load_explicit(&candidate->next, memory_order_relaxed) < candidate->count;
}

static job *find_open_job(void) {
    for (job *candidate = jobs; candidate; candidate = candidate->following)
        if (job_is_open(candidate)) return candidate;
    return NULL;
}

static void pause_processor(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void *worker_loop(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        job *current = find_open_job();
        if (!current) {
            // Parallel loops of a frame follow each other closely: a short spin avoids most wake-ups.
            pthread_mutex_unlock(&lock);
            for (int spin = 0; spin < SPINS; spin++) {
                if (atomic_load_explicit(&jobs_with_free_slots, memory_order_relaxed) > 0) break;
                pause_processor();
            }
            pthread_mutex_lock(&lock);
            while (!(current = find_open_job())) pthread_cond_wait(&work_arrived, &lock);
        }
        if (--current->free_slots == 0) atomic_fetch_sub(&jobs_with_free_slots, 1);
        current->inside++;
        pthread_mutex_unlock(&lock);
        kernel_set_variant(current->variant);
        kernel_set_cancellation(current->cancellation);
        run_job(current);
        pthread_mutex_lock(&lock);
        if (--current->inside == 0) pthread_cond_broadcast(&worker_left);
    }
    return NULL;
}

static void forget_pool_in_child(void) {
    // Threads do not survive fork; the child starts with an empty pool.
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&work_arrived, NULL);
    pthread_cond_init(&worker_left, NULL);
    jobs = NULL;
    atomic_store(&jobs_with_free_slots, 0);
    workers = 0;
}

static void register_fork_handler(void) { pthread_atfork(NULL, NULL, forget_pool_in_child); }

static void ensure_workers(int wanted) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_fork_handler);
    if (wanted > MAXIMUM_WORKERS) wanted = MAXIMUM_WORKERS;
    if (workers >= wanted) return;
    // Signals are blocked in our threads, except for faults: the host process handles its signals in its own threads.
    sigset_t blocked, before;
    sigfillset(&blocked);
    const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
    for (size_t index = 0; index < sizeof faults / sizeof *faults; index++) sigdelset(&blocked, faults[index]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    while (workers < wanted) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker_loop, NULL) != 0) break;  // fewer threads, same result
        pthread_setname_np(thread, "pentimento");
        pthread_detach(thread);
        workers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int kernel_processor_count(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

void kernel_parallel(int count, int threads, kernel_task task, void *context) {
    static atomic_int processors = 0;
    if (threads <= 0) {
        threads = atomic_load_explicit(&processors, memory_order_relaxed);
        if (threads == 0) atomic_store(&processors, threads = kernel_processor_count());
    }
    if (threads > count) threads = count;
    kernel_cancellation *cancellation = kernel_current_cancellation();
    if (threads <= 1) {
        for (int index = 0; index < count && !kernel_is_requested(cancellation); index++) task(context, index);
        return;
    }
    job mine = {
        .task = task,
        .context = context,
        .count = count,
        .variant = kernel_variant_setting(),
        .cancellation = cancellation,
        .free_slots = threads - 1,
    };
    pthread_mutex_lock(&lock);
    ensure_workers(threads - 1);
    mine.following = jobs;
    jobs = &mine;
    atomic_fetch_add(&jobs_with_free_slots, 1);
    if (threads == 2)
        pthread_cond_signal(&work_arrived);
    else
        pthread_cond_broadcast(&work_arrived);
    pthread_mutex_unlock(&lock);

    run_job(&mine);

    pthread_mutex_lock(&lock);
    job **link = &jobs;
    while (*link != &mine) link = &(*link)->following;
    *link = mine.following;
    if (mine.free_slots > 0) atomic_fetch_sub(&jobs_with_free_slots, 1);
    while (mine.inside > 0) pthread_cond_wait(&worker_left, &lock);
    pthread_mutex_unlock(&lock);
}
