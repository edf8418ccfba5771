import CAVFormat
import MediaIO

/// AAC that is copied, of which the container knows only the format of the beginning. Where it changes in mid-stream, as in
/// broadcasts, the sound is encoded in that format.
final class SteadySound {
    private let encoder: () throws(MediaError) -> SoundEncoder
    /// The first packet's header (ADTS), as broadcasts have one in each.
    private var header: [UInt8]?
    /// While the format is another.
    private var changed: SoundEncoder?
    /// When the encoded sound begins, in nanoseconds.
    private var start: Int64 = 0
    /// Whether some sound was encoded.
    private(set) var hasChanged = false

    /// Nil for a codec whose packets say what they are.
    ///
    /// - Parameter encoder: gives one to the format at the beginning.
    init?(_ stream: UnsafeMutablePointer<AVStream>, encoder: @escaping () throws(MediaError) -> SoundEncoder) {
        guard stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_AAC else { return nil }
        self.encoder = encoder
    }

    /// Takes the next packet; nil: the end.
    ///
    /// - Parameters:
    ///   - base: of the packet's times.
    ///   - write: given packets, and the base of their times.
    func pass(
        _ packet: Packet?, _ base: AVRational, to write: (Packet, AVRational) throws(MediaError) -> Void
    ) throws(MediaError) {
        if let packet, hasOtherFormat(packet) {
            if changed == nil { start = packet.pointer.pointee.pts.rescaled(from: base, to: AV.nanoseconds) }
            let current = if let changed { changed } else { try encoder() }
            changed = current
            hasChanged = true
            return try encode(packet, by: current, to: write)
        }
        if let changed { try encode(nil, by: changed, to: write) }
        changed = nil
        if let packet { try write(packet, base) }
    }

    private func hasOtherFormat(_ packet: Packet) -> Bool {
        guard let found = Self.header(of: packet) else { return changed != nil }
        let first = header ?? found
        header = first
        // Profile, rate and channels.
        return found[2] & 0xFD != first[2] & 0xFD || found[3] & 0xC0 != first[3] & 0xC0
    }

    private static func header(of packet: Packet) -> [UInt8]? {
        let packet = packet.pointer.pointee
        guard packet.size > 7, let data = packet.data, data[0] == 0xFF, data[1] & 0xF6 == 0xF0 else { return nil }
        return (0..<7).map { data[$0] }
    }

    private func encode(
        _ packet: Packet?, by encoder: SoundEncoder, to write: (Packet, AVRational) throws(MediaError) -> Void
    ) throws(MediaError) {
        try encoder.encode(packet) { packet throws(MediaError) in
            // The encoder's lead-in would come after the sound that goes on there.
            let time = packet.pointer.pointee.pts.rescaled(from: encoder.timeBase, to: AV.nanoseconds)
            if time >= start - 1_000_000 { try write(withHeader(packet), encoder.timeBase) }
        }
    }

    /// A packet with the header of the first one and its own length, as the container's filter expects it.
    private func withHeader(_ packet: Packet) throws(MediaError) -> Packet {
        guard var header else { return packet }
        let content = UnsafeBufferPointer(start: packet.pointer.pointee.data, count: Int(packet.pointer.pointee.size))
        let length = header.count + content.count
        // No checksum, and one frame.
        header[1] |= 1
        header[3] = header[3] & 0xFC | UInt8(length >> 11 & 3)
        header[4] = UInt8(length >> 3 & 0xFF)
        header[5] = UInt8(length & 7) << 5 | header[5] & 0x1F
        header[6] &= 0xFC
        let result = try Packet(header + content)
        try AV.check(av_packet_copy_props(result.pointer, packet.pointer), "no memory for a packet")
        return result
    }
}
