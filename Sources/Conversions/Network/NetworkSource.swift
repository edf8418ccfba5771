import CAVFormat
import Glibc
import MediaIO

/// An address of the network that is open for reading, once.
public final class NetworkSource {
    /// As it was given.
    public let address: String
    /// Of the calls that read from it.
    let watch: StreamWatch
    /// Nil if libavformat opens connections of its own, as for RTSP.
    private(set) var connection: UnsafeMutablePointer<AVIOContext>?

    /// Seconds in which a sender answers, and after which a stream without data is at its end.
    public static let (connectionLimit, silenceLimit) = (5.0, 10.0)
    /// What a playlist may name: nothing of this machine.
    static let protocols =
        "crypto,data,ffrtmphttp,http,https,httpproxy,rist,rtmp,rtmps,rtmpt,rtmpts,rtp,srt,srtp,tcp,tls,udp"

    /// Connects to an address.
    ///
    /// - Parameter isStopped: whether reading is to end at once; asked while it waits.
    /// - Throws: if there is no connection in time, it is refused, or the kind of address is not known.
    public init(_ address: String, isStopped: @escaping () -> Bool) throws(MediaError) {
        self.address = address
        watch = StreamWatch(isStopped: isStopped)
        AV.silence()
        avformat_network_init()
        if Self.opensItself(address) { return }
        var interrupt = watch.callback
        var options: OpaquePointer?
        av_dict_set(&options, "protocol_whitelist", Self.protocols, 0)
        defer { av_dict_free(&options) }
        watch.begin(isListening ? .infinity : Self.connectionLimit)
        try check(avio_open2(&connection, address, AVIO_FLAG_READ, &interrupt, &options))
        watch.connection = connection
    }

    deinit { avio_closep(&connection) }

    /// Bytes of a whole file; nil if the sender does not tell its length.
    public var length: Int? {
        let length = avio_size(connection)
        return length > 0 ? Int(length) : nil
    }

    /// Whether it waits for a sender to connect, as `srt://:7000?mode=listener` says.
    public static func isListening(_ address: String) -> Bool {
        let query = address.drop { $0 != "?" }.dropFirst().split(separator: "&")
        return query.contains { $0 == "mode=listener" || $0 == "listen" || $0.hasPrefix("listen=") && $0 != "listen=0" }
    }

    private var isListening: Bool { Self.isListening(address) }

    /// Whether its demuxer is told by the address alone, and connects by itself.
    private static func opensItself(_ address: String) -> Bool {
        ["rtsp:", "rtsps:", "rtp:"].contains { address.lowercased().hasPrefix($0) }
    }

    /// - Throws: the error of a negative result, in the words of the network.
    func check(_ result: Int32) throws(MediaError) {
        guard result < 0 else { return }
        switch watch.cause {
        case .request: throw MediaError("\(address): interrupted before a picture came")
        case .silence:
            throw MediaError(
                connection == nil
                    ? "\(address): no connection within \(Int(Self.connectionLimit)) seconds; check the address, and "
                        + "whether its sender runs"
                    : "\(address): no data came for \(Int(Self.silenceLimit)) seconds; check whether its sender runs")
        case nil: break
        }
        switch result {
        case -ECONNREFUSED:
            throw MediaError("\(address): the connection was refused; check the address, and whether its sender runs")
        // SRT has no other word for a sender that is not there.
        case -EIO where connection == nil, -ETIMEDOUT:
            throw MediaError("\(address): gives no connection; check the address, and whether its sender runs")
        case av_no_protocol:
            throw MediaError("\(address): is of no known kind; name a file, or http://, rtsp://, rtmp://, srt://, …")
        default: try AV.check(result, address)
        }
    }
}
