import Imaging
import Support

extension FlowField {
    private static let tag: [UInt8] = Array("PIEH".utf8)
    private static let headerLength = 12

    /// Reads a Middlebury `.flo` file: the tag `PIEH`, width and height as 32-bit integers, then u and v of each pixel
    /// as 32-bit floats, row by row, all little-endian. Vectors above 1e9 mean unknown and are kept.
    /// - Throws: `FileError` if the file cannot be read, has another tag, or its length does not match its header.
    public init(contentsOf path: String) throws {
        let (header, length) = try Files.start(of: path, count: FlowField.headerLength)
        guard header.count == FlowField.headerLength, Array(header[..<4]) == FlowField.tag else {
            throw FileError(path: path, reason: "is no .flo file (it does not begin with the tag PIEH)")
        }
        let (width, height) = header.withUnsafeBytes {
            (
                Int(Int32(littleEndian: $0.loadUnaligned(fromByteOffset: 4, as: Int32.self))),
                Int(Int32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: Int32.self)))
            )
        }
        guard width > 0, height > 0 else {
            throw FileError(path: path, reason: "has an impossible size in its header: \(width) x \(height)")
        }
        // The product of two 32-bit sizes fits into 64 bits; division avoids an overflow in the comparison.
        let count = width * height
        let damaged = FileError(
            path: path,
            reason: "is \(length) bytes long, but its header says \(width) x \(height): it is cut short or damaged")
        let vectors = length - FlowField.headerLength
        guard count == vectors / 8, vectors % 8 == 0 else { throw damaged }
        let file = try Files.read(path, limit: length)
        guard file.count == length else { throw damaged }
        self.init(width: width, height: height)
        file.withUnsafeBytes { bytes in
            for i in 0..<count {
                let offset = FlowField.headerLength + 8 * i
                u[i] = Float(
                    bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
                v[i] = Float(
                    bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)))
            }
        }
    }

    /// Writes a Middlebury `.flo` file atomically.
    ///
    /// - Parameter replacing: whether an existing file may be replaced.
    /// - Throws: `FileError` if it cannot be written; an existing file is then unchanged.
    public func write(to path: String, replacing: Bool = true) throws {
        guard let width = Int32(exactly: width), let height = Int32(exactly: height), width > 0, height > 0 else {
            throw FileError(path: path, reason: "cannot hold a flow of \(width) x \(height)")
        }
        var words: [UInt32] = [UInt32(bitPattern: width), UInt32(bitPattern: height)]
        words.reserveCapacity(2 + 2 * u.count)
        for i in u.indices {
            words.append(u[i].bitPattern)
            words.append(v[i].bitPattern)
        }
        var bytes = FlowField.tag
        bytes.reserveCapacity(4 + 4 * words.count)
        for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
        try WholeFile.write(bytes, to: path, replacing: replacing)
    }
}
