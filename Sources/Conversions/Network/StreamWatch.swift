import CAVFormat
import Glibc

/// Ends calls of libavformat that would wait for ever: when no data come for a time, or on request.
///
/// libavformat asks it on the thread of the call.
final class StreamWatch {
    /// Why a call was ended.
    enum Cause { case silence, request }

    /// Whose bytes count as data; nil: a call has all of its time only once.
    var connection: UnsafeMutablePointer<AVIOContext>?
    /// Why a call was ended; nil: none was. Later calls give what was read before, and then end, too.
    private(set) var cause: Cause?
    private let isStopped: () -> Bool
    private var limit = Double.infinity
    private var since = 0.0
    private var count: Int64 = 0

    /// - Parameter isStopped: whether calls are to end at once.
    init(isStopped: @escaping () -> Bool) { self.isStopped = isStopped }

    /// For libavformat, which must not use it longer than the watch lives.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { watch in
                guard let watch else { return 0 }
                return Unmanaged<StreamWatch>.fromOpaque(watch).takeUnretainedValue().isOver ? 1 : 0
            }, opaque: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Begins the time of the next call, in seconds, which data begin anew.
    func begin(_ limit: Double) {
        self.limit = limit
        since = Self.now
    }

    private var isOver: Bool {
        if isStopped() {
            cause = .request
            return true
        }
        if let connection, connection.pointee.bytes_read != count {
            count = connection.pointee.bytes_read
            since = Self.now
        }
        if Self.now - since > limit { cause = .silence }
        return cause != nil
    }

    /// Seconds of the monotonic clock.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
