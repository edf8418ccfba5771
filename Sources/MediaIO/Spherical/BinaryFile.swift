import Glibc

/// A file that is looked into and changed in place, without holding the whole of it.
final class BinaryFile {
    /// What error messages call it.
    private let name: String
    private let descriptor: Int32
    private let isWritten: Bool
    /// In bytes.
    private(set) var length: Int

    /// - Parameters:
    ///   - name: what error messages call the file; nil: its path.
    ///   - writing: whether it is to be changed.
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

    /// The bytes there, fewer where the file ends before.
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

    /// Puts `bytes` in the place of a range; what follows moves.
    func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(MediaError) {
        try move(range.upperBound, by: bytes.count - range.count)
        try write(bytes, at: range.lowerBound)
    }

    /// Moves everything from `start` on.
    private func move(_ start: Int, by distance: Int) throws(MediaError) {
        let piece = 1 << 20
        let end = length
        if distance > 0 {
            // From the end, so that nothing is written over before it has been read.
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
    /// An unsigned integer of `count` bytes, at most 8, the most significant first; nil where they are not there.
    ///
    /// - Parameter offset: from the first of these bytes on.
    func bigEndian(at offset: Int, count: Int) -> UInt64? {
        guard offset >= 0, count <= 8, offset <= self.count - count else { return nil }
        return self[(startIndex + offset)..<(startIndex + offset + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Where these bytes first stand, from `start` on; an index of this collection.
    func firstIndex(of bytes: some Collection<UInt8>, from start: Int) -> Int? {
        guard start >= startIndex, bytes.count <= endIndex - start else { return nil }
        return (start...(endIndex - bytes.count)).first { self[$0..<($0 + bytes.count)].elementsEqual(bytes) }
    }
}

extension [UInt8] {
    /// The `count` low bytes of a number, the most significant first.
    init(bigEndian value: UInt64, count: Int) {
        self = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
    }
}
