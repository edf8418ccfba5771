import CAVFormat
import Synchronization

/// Counts the errors that a demuxer logs. Behind damage most of them go on, and return no error.
final class DemuxerErrors: Sendable {
    /// By the address of the demuxer's context.
    private static let counts = Mutex<[UInt: Int]>([:])

    /// Anew with each: GStreamer's plugin with the codecs of libavcodec has its own, from when it is loaded.
    private static func listen() {
        av_log_set_callback { context, level, _, _ in
            guard let context, level <= AV_LOG_ERROR else { return }
            let key = UInt(bitPattern: context)
            DemuxerErrors.counts.withLock { counts in if let count = counts[key] { counts[key] = count + 1 } }
        }
    }

    private let key: UInt

    /// Counts those of a context, whose address is not used for another one meanwhile.
    init(_ context: UnsafeMutablePointer<AVFormatContext>) {
        Self.listen()
        let key = UInt(bitPattern: context)
        self.key = key
        Self.counts.withLock { $0[key] = 0 }
    }

    deinit { Self.counts.withLock { $0[key] = nil } }

    /// Their number so far.
    var count: Int { Self.counts.withLock { $0[key] ?? 0 } }
}
