import Glibc

/// A file that is read and edited in place, without loading it completely.
final class BinaryFile {
    /// Name in error messages.
    private let name: String
    private let descriptor: Int32
    private let isWritten: Bool
    /// Length in bytes.
    private(set) var length: Int

    /// - Parameters:
    ///   - name: name in error messages; nil: the path.
    ///   - writing: whether to open the file for writing.
    init(_ path: String, name: String? = nil, writing: Bool = false) throws(MediaError) {
        self.name = name ?? path
        isWritten = writing
        descriptor = open(path, (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw .system(errno, writing ? "write" : "read", self.name)
        }
        length = Int(status.st_size)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Reads up to `count` bytes; fewer at the end of the file.
    func read(at offset: Int, count: Int) throws(MediaError) -> [UInt8] {
        guard offset >= 0, offset < length, count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: min(count, length - offset))
        var done = 0
        while done < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(offset + done))
            }
            if got < 0 && errno == EINTR { continue }
            if got < 0 { throw .system(errno, "read", name) }
            if got == 0 { return Array(bytes[..<done]) }
            done += got
        }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(MediaError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(offset + done))
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw .system(errno, "write", name) }
            done += count
        }
        length = max(length, offset + bytes.count)
    }

    /// Replaces a range with `bytes` and moves the rest of the file.
    func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(MediaError) {
        try move(range.upperBound, by: bytes.count - range.count)
        try write(bytes, at: range.lowerBound)
    }

    /// Moves all bytes from `start` on.
    private func move(_ start: Int, by distance: Int) throws(MediaError) {
        let piece = 1 << 20
        let end = length
        if distance > 0 {
            // Starts at the end, so that nothing is overwritten before it is read.
            var upper = end
            while upper > start {
                let lower = max(start, upper - piece)
                try write(try read(at: lower, count: upper - lower), at: lower + distance)
                upper = lower
            }
        } else if distance < 0 {
            var lower = start
            while lower < end {
                let count = min(piece, end - lower)
                try write(try read(at: lower, count: count), at: lower + distance)
                lower += count
            }
            guard ftruncate(descriptor, off_t(end + distance)) == 0 else { throw .system(errno, "write", name) }
            length = end + distance
        }
    }
}

extension Collection<UInt8> where Index == Int {
    /// A big-endian unsigned integer of `count` bytes, at most 8; nil if out of range.
    ///
    /// - Parameter offset: from the collection's start.
    func bigEndian(at offset: Int, count: Int) -> UInt64? {
        guard offset >= 0, count <= 8, offset <= self.count - count else { return nil }
        return self[(startIndex + offset)..<(startIndex + offset + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The index of the first occurrence of `bytes` at or after `start`.
    func firstIndex(of bytes: some Collection<UInt8>, from start: Int) -> Int? {
        guard start >= startIndex, bytes.count <= endIndex - start else { return nil }
        return (start...(endIndex - bytes.count)).first { self[$0..<($0 + bytes.count)].elementsEqual(bytes) }
    }
}

extension [UInt8] {
    /// The lowest `count` bytes of a number in big-endian order.
    init(bigEndian value: UInt64, count: Int) {
        self = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
    }
}
