import Glibc

/// Makes the batches of the next steps on a thread of its own while a step computes. The same samples as without it.
public final class Prefetcher: SequenceSource {
    /// What a step asks for.
    public struct Request: Sendable, Equatable {
        public var step: Int
        public var count: Int
        public var frames: Int
        public var size: Int

        public init(step: Int, count: Int, frames: Int, size: Int) {
            (self.step, self.count, self.frames, self.size) = (step, count, frames, size)
        }
    }

    private let work: Work
    /// Joined at the end.
    private let thread: pthread_t?

    /// - Parameters:
    ///   - depth: how many batches it works ahead.
    ///   - plan: what will be asked for in a step; nil after the last. A guess that turns out wrong costs time, no more.
    public init(_ source: any SequenceSource, depth: Int = 2, plan: @escaping @Sendable (_ step: Int) -> Request?) {
        work = Work(source: source, depth: max(1, depth), plan: plan)
        thread = Prefetcher.start(work)
    }

    deinit {
        work.stop()
        if let thread { pthread_join(thread, nil) }
    }

    /// The batch of a step; waits for it where it is not ready.
    ///
    /// The steps after it are made next: one that nobody asked for by then is forgotten.
    public func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        let request = Request(step: step, count: count, frames: frames, size: size)
        if thread != nil, let result = work.take(request) { return try result.get() }
        return try work.source.batch(step: step, count: count, frames: frames, size: size)
    }

    /// Nil where the system has no more threads.
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

/// What is made and what is wanted, between the thread that makes and those that ask.
private final class Work: @unchecked Sendable {
    typealias Batch = Result<[TrainingSequence], any Error>
    typealias Request = Prefetcher.Request

    let source: any SequenceSource
    private let depth: Int
    private let plan: @Sendable (Int) -> Request?
    // All that follows is guarded by `lock`; `changed` tells of every change.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var ready: [(request: Request, batch: Batch)] = []
    private var making: Request?
    /// The last step that was asked for; nil: none yet, and nothing to make.
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

    /// The batch of a request, if it is made or being made; nil where nobody is at it. From now on the next steps are made.
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

    /// The thread: makes what is next until it is stopped.
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

    /// The nearest of the next steps that is not made yet. What was made for another plan is forgotten.
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
