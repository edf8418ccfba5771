import CKernels

/// Work ended before it was done, because it was asked to.
public struct Cancelled: Error, Equatable, CustomStringConvertible {
    public init() {}

    public var description: String { "it was cancelled" }
}

/// Asks work to end before it is done.
///
/// Parallel loops look at it between two of their parts, and then end with what they were to compute full of gaps. So whoever uses
/// what such a loop computes asks ``check()`` first; the networks do after each layer.
///
/// A thread, and the loops that it starts, looks at ``process``, or at another that it ``follow(_:)``s.
public final class Cancellation: @unchecked Sendable {
    /// What ends all work of the process.
    public static let process = Cancellation(kernel_process_cancellation())

    private let state: UnsafeMutablePointer<kernel_cancellation>
    private let isOwner: Bool

    /// One that nothing looks at yet.
    public init() {
        state = .allocate(capacity: 1)
        state.initialize(to: kernel_cancellation())
        isOwner = true
    }

    private init(_ state: UnsafeMutablePointer<kernel_cancellation>) {
        self.state = state
        isOwner = false
    }

    deinit {
        if isOwner { state.deallocate() }
    }

    /// Asks the work to end; it cannot be taken back. May be called on any thread, and in a signal handler.
    public func request() { kernel_request_cancellation(state) }

    public var isRequested: Bool { kernel_is_requested(state) }

    /// Runs `body`, in which the calling thread looks at this one and at no other.
    @discardableResult
    public func follow<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = kernel_current_cancellation()
        kernel_set_cancellation(state)
        defer { kernel_set_cancellation(before) }
        return try body()
    }

    /// Whether what the calling thread looks at is requested.
    public static var isRequested: Bool { kernel_is_cancelled() }

    /// - Throws: ``Cancelled`` where what the calling thread looks at is requested.
    public static func check() throws(Cancelled) {
        if isRequested { throw Cancelled() }
    }
}
