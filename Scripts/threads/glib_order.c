// Tells the thread sanitizer about the synchronisation in GLib and GStreamer, which are built without it. Their mutexes
// are futexes and their reference counts are atomic, so without this every object passed between threads would be
// reported as a race.
// Preloaded; each function calls the next one with its name.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define NEXT(type, name)                                        \
    static type next;                                           \
    if (!next) next = (type)dlsym(RTLD_NEXT, name)

typedef void (*take)(void *);
typedef int (*try)(void *);
typedef void *(*give)(void *);

#define LOCK(name)          \
    void name(void *lock) { \
        NEXT(take, #name);  \
        next(lock);         \
        __tsan_acquire(lock); \
    }
#define UNLOCK(name)        \
    void name(void *lock) { \
        NEXT(take, #name);  \
        __tsan_release(lock); \
        next(lock);         \
    }
#define TRY(name)           \
    int name(void *lock) {  \
        NEXT(try, #name);   \
        int taken = next(lock); \
        if (taken) __tsan_acquire(lock); \
        return taken;       \
    }

LOCK(g_mutex_lock)
UNLOCK(g_mutex_unlock)
TRY(g_mutex_trylock)
LOCK(g_rec_mutex_lock)
UNLOCK(g_rec_mutex_unlock)
TRY(g_rec_mutex_trylock)

void g_cond_wait(void *condition, void *lock) {
    typedef void (*wait)(void *, void *);
    NEXT(wait, "g_cond_wait");
    __tsan_release(lock);
    next(condition, lock);
    __tsan_acquire(lock);
}

int g_cond_wait_until(void *condition, void *lock, long long end) {
    typedef int (*wait)(void *, void *, long long);
    NEXT(wait, "g_cond_wait_until");
    __tsan_release(lock);
    int met = next(condition, lock, end);
    __tsan_acquire(lock);
    return met;
}

int g_once_init_enter(void *location) {
    NEXT(try, "g_once_init_enter");
    int isFirst = next(location);
    if (!isFirst) __tsan_acquire(location);
    return isFirst;
}

void g_once_init_leave(void *location, size_t result) {
    typedef void (*leave)(void *, size_t);
    NEXT(leave, "g_once_init_leave");
    __tsan_release(location);
    next(location, result);
}

// The release of the last reference happens after all earlier releases.
#define UNREF(name)           \
    void name(void *object) { \
        NEXT(take, #name);    \
        __tsan_release(object); \
        __tsan_acquire(object); \
        next(object);         \
    }
#define REF(name)              \
    void *name(void *object) { \
        NEXT(give, #name);     \
        __tsan_acquire(object); \
        return next(object);   \
    }

UNREF(g_object_unref)
UNREF(gst_object_unref)
UNREF(gst_mini_object_unref)
REF(g_object_ref)
REF(gst_object_ref)
REF(gst_mini_object_ref)

// Swift's Mutex: the sanitizer sees the inlined fast path but not the slow path through the kernel.
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *handle

typedef SWIFT void (*lock_slow)(unsigned, SELF);
typedef SWIFT void (*unlock_slow)(SELF);

SWIFT void swift_lock_slow(unsigned thread, SELF) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void swift_lock_slow(unsigned thread, SELF) {
    NEXT(lock_slow, "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    next(thread, handle);
    __tsan_acquire(handle);
}

SWIFT void swift_unlock_slow(SELF) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
SWIFT void swift_unlock_slow(SELF) {
    NEXT(unlock_slow, "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
    __tsan_release(handle);
    next(handle);
}
