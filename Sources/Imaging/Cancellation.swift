import CKernels

/// Thrown if work was cancelled.
public struct Cancelled: Error, Equatable, CustomStringConvertible {
    package init() {}

    /// A clause, to follow the name of the work.
    public var description: String { "it was cancelled" }
}

/// A flag that cancels work.
///
/// Parallel loops test it between chunks; after a cancellation their results are incomplete. So call ``check()`` before
/// using a loop's results; the networks do so after each layer.
///
/// A thread, and the loops it starts, test ``process``, or another flag set with ``follow(_:)``.
public final class Cancellation: @unchecked Sendable {
    /// Cancels all work of the process.
    public static let process = Cancellation(kernel_process_cancellation())

    private let state: UnsafeMutablePointer<kernel_cancellation>
    private let isOwner: Bool

    /// A flag that no thread follows yet.
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

    /// Cancels the work; cannot be undone. May be called from any thread and from a signal handler.
    public func request() { kernel_request_cancellation(state) }

    /// Whether this flag is set.
    public var isRequested: Bool { kernel_is_requested(state) }

    /// Runs `body`; meanwhile the calling thread tests this flag instead of its previous one.
    @discardableResult
    public func follow<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = kernel_current_cancellation()
        kernel_set_cancellation(state)
        defer { kernel_set_cancellation(before) }
        return try body()
    }

    /// Whether the calling thread's flag is set.
    public static var isRequested: Bool { kernel_is_cancelled() }

    /// - Throws: ``Cancelled`` if the calling thread's flag is set.
    public static func check() throws(Cancelled) {
        if isRequested { throw Cancelled() }
    }
}
