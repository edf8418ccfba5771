import Glibc

/// Computes the batches of the next steps on another thread, while the current step runs. Samples are the same as
/// without it.
package final class Prefetcher: SequenceSource {
    /// Arguments of `batch`.
    package struct Request: Sendable, Equatable {
        package var step: Int
        package var count: Int
        package var frames: Int
        package var size: Int

        package init(step: Int, count: Int, frames: Int, size: Int) {
            (self.step, self.count, self.frames, self.size) = (step, count, frames, size)
        }
    }

    private let work: Work
    /// Joined in deinit.
    private let thread: pthread_t?

    /// - Parameters:
    ///   - depth: number of batches to compute ahead.
    ///   - plan: predicts the request of a step; nil after the last. A wrong prediction only costs time.
    package init(_ source: any SequenceSource, depth: Int = 2, plan: @escaping @Sendable (_ step: Int) -> Request?) {
        work = Work(source: source, depth: max(1, depth), plan: plan)
        thread = Prefetcher.start(work)
    }

    deinit {
        work.stop()
        if let thread { pthread_join(thread, nil) }
    }

    /// The batch of a step; waits if it is being computed.
    ///
    /// Afterwards the following steps are computed; batches of earlier steps that were not requested are discarded.
    package func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        let request = Request(step: step, count: count, frames: frames, size: size)
        if thread != nil, let result = work.take(request) { return try result.get() }
        return try work.source.batch(step: step, count: count, frames: frames, size: size)
    }

    /// Nil if no thread can be created.
    private static func start(_ work: Work) -> pthread_t? {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(work)
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        if status == 0 { return thread }
        context.release()
        return nil
    }
}

/// State shared by the worker thread and its callers.
private final class Work: @unchecked Sendable {
    typealias Batch = Result<[TrainingSequence], any Error>
    typealias Request = Prefetcher.Request

    let source: any SequenceSource
    private let depth: Int
    private let plan: @Sendable (Int) -> Request?
    // Everything below is guarded by `lock`; `changed` is signalled after each change.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var ready: [(request: Request, batch: Batch)] = []
    private var making: Request?
    /// The last requested step; nil: none yet, and nothing to compute.
    private var asked: Int?
    private var isStopped = false

    init(source: any SequenceSource, depth: Int, plan: @escaping @Sendable (Int) -> Request?) {
        (self.source, self.depth, self.plan) = (source, depth, plan)
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        pthread_cond_destroy(changed)
        lock.deallocate()
        changed.deallocate()
    }

    func stop() {
        pthread_mutex_lock(lock)
        isStopped = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// The batch of a request, if it is ready or being computed; else nil. Starts the computation of the following
    /// steps.
    func take(_ request: Request) -> Batch? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        asked = request.step
        pthread_cond_broadcast(changed)
        while making == request { pthread_cond_wait(changed, lock) }
        let batch = ready.first { $0.request == request }?.batch
        ready.removeAll { $0.request.step <= request.step }
        pthread_cond_broadcast(changed)
        return batch
    }

    /// The worker thread: computes the next batches until it is stopped.
    func run() {
        pthread_mutex_lock(lock)
        while !isStopped {
            guard let next else {
                pthread_cond_wait(changed, lock)
                continue
            }
            making = next
            pthread_mutex_unlock(lock)
            let batch = Batch {
                try source.batch(step: next.step, count: next.count, frames: next.frames, size: next.size)
            }
            pthread_mutex_lock(lock)
            making = nil
            ready.append((next, batch))
            pthread_cond_broadcast(changed)
        }
        pthread_mutex_unlock(lock)
    }

    /// The next step without a batch. Discards batches that no longer match the plan.
    private var next: Request? {
        guard let asked else { return nil }
        for step in asked + 1...asked + depth {
            guard let request = plan(step) else { return nil }
            if ready.contains(where: { $0.request == request }) { continue }
            ready.removeAll { $0.request.step == step }
            return request
        }
        return nil
    }
}
