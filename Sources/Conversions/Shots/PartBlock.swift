import CAVFormat

/// What a part keeps beside each frame: when it is shown, as Matroska itself counts milliseconds, and a checksum, as the
/// codec has none.
struct PartBlock: Equatable {
    /// In nanoseconds from the beginning of the film.
    var shown: Int64
    /// In nanoseconds; nil: not known.
    var duration: Int64?
    /// Of the encoded frame.
    var checksum: UInt32

    init(shown: Int64, duration: Int64?, checksum: UInt32) {
        (self.shown, self.duration, self.checksum) = (shown, duration, checksum)
    }

    /// Nil if the bytes are not those of a block.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 20 else { return nil }
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let duration = Int64(bitPattern: number(bytes[8..<16]))
        self.init(
            shown: Int64(bitPattern: number(bytes[..<8])), duration: duration < 0 ? nil : duration,
            checksum: UInt32(truncatingIfNeeded: number(bytes[16...])))
    }

    /// The numbers, the highest byte first; a duration that is not known is -1.
    var bytes: [UInt8] {
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        return bytes(shown) + bytes(duration ?? -1) + bytes(checksum)
    }

    /// CRC-32 of an encoded frame.
    static func checksum(of data: UnsafePointer<UInt8>?, count: Int) -> UInt32 {
        av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), 0, data, count)
    }
}
