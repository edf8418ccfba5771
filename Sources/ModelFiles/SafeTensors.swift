import Support

/// The contents of a `.safetensors` file: named tensors of 32- or 16-bit floats or bytes, and string metadata.
///
/// The file has the length of a JSON header in eight bytes, the header, and the tensors' bytes, all little-endian. The
/// header's offsets must cover the tensors' bytes without gap or overlap. The whole header is checked before it is
/// used.
public struct SafeTensors: Sendable {
    /// One tensor of the file.
    public struct Tensor: Sendable, Equatable {
        /// Size of each dimension, the outermost first.
        public let shape: [Int]
        /// The values in row-major order; their number is the product of `shape`.
        public let values: [Float]
        /// How they are stored in a file that is written.
        public let storage: Storage

        /// - Parameters:
        ///   - values: in row-major order, as many as the product of `shape`.
        ///   - storage: of values that are bytes, `uint8`.
        public init(shape: [Int], values: [Float], storage: Storage = .float32) {
            self.shape = shape
            self.values = values
            self.storage = storage
        }
    }

    /// The types of numbers that are written.
    public enum Storage: Sendable, Equatable {
        case float32
        /// Whole numbers of 0...255.
        case uint8
    }

    /// The header's `__metadata__`.
    public let metadata: [String: String]
    /// The tensors that were requested, by name.
    public let tensors: [String: Tensor]
    /// The shapes of all tensors in the file, requested or not.
    public let shapes: [String: [Int]]
    /// SHA-256 of the tensors' bytes in the file, in hexadecimal.
    public let checksum: String

    /// The largest header that is read; usual ones have some kilobytes.
    static let maximumHeaderLength = 16 << 20
    package static let maximumFileLength = 2 << 30

    /// Reads a file.
    ///
    /// - Parameter isWanted: whether the tensor of that name is read. Other tensors may have any type.
    /// - Throws: an error with the path and what is wrong with the file.
    public init(
        contentsOf path: String, where isWanted: (String) -> Bool = { _ in true }
    ) throws(ModelError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: Self.maximumFileLength) } catch { throw ModelError("\(error)") }
        do {
            try self.init(bytes: bytes, where: isWanted)
        } catch {
            throw error.within(path)
        }
    }

    /// Parses the contents of a file.
    ///
    /// - Parameter isWanted: whether the tensor of that name is read. Other tensors may have any type.
    /// - Throws: an error that says what is wrong with the bytes.
    public init(bytes: [UInt8], where isWanted: (String) -> Bool = { _ in true }) throws(ModelError) {
        guard bytes.count >= 8 else {
            throw ModelError("\(bytes.count) bytes are too few for a safetensors file; it is empty or cut off")
        }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= Self.maximumHeaderLength else {
            throw ModelError("this is not a safetensors file: its header would be \(length) bytes long")
        }
        guard Int(length) <= bytes.count - 8 else {
            throw ModelError("the file is cut off within its header, which has \(length) bytes; download it again")
        }
        let data = bytes[(8 + Int(length))...]
        guard case .object(let header) = try Self.json(bytes[8..<8 + Int(length)]) else {
            throw ModelError("the header is not a JSON object")
        }
        metadata = try Self.metadata(of: header)
        var entries: [Entry] = []
        for (name, value) in header where name != "__metadata__" {
            entries.append(try Entry(name: name, json: value))
        }
        try Self.checkCoverage(of: data.count, by: entries)
        shapes = Dictionary(entries.map { ($0.name, $0.shape) }) { first, _ in first }
        var tensors: [String: Tensor] = [:]
        for entry in entries where isWanted(entry.name) { tensors[entry.name] = try entry.tensor(in: data) }
        self.tensors = tensors
        checksum = sha256(data)
    }

    /// Reads the metadata of a file without its tensors.
    ///
    /// - Throws: an error if the file cannot be read or its header is invalid.
    public static func metadata(of path: String) throws(ModelError) -> [String: String] {
        func start(_ count: Int) throws(ModelError) -> [UInt8] {
            do { return try Files.start(of: path, count: count).bytes } catch { throw ModelError("\(error)") }
        }
        let prefix = try start(8)
        let length =
            prefix.count < 8 ? 0 : prefix.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length > 0, length <= maximumHeaderLength else { throw ModelError("\(path): is not a safetensors file") }
        let bytes = try start(8 + Int(length))
        guard bytes.count == 8 + Int(length), case .object(let header) = try json(bytes[8...]) else {
            throw ModelError("\(path): is cut off within its header")
        }
        return try metadata(of: header)
    }

    private static func json(_ header: ArraySlice<UInt8>) throws(ModelError) -> JSON {
        do { return try JSON(parsing: header) } catch { throw ModelError("the header \(error)") }
    }

    private static func metadata(of header: [String: JSON]) throws(ModelError) -> [String: String] {
        switch header["__metadata__"] {
        case nil: return [:]
        case .object(let members):
            var metadata: [String: String] = [:]
            for (key, value) in members {
                guard case .string(let text) = value else {
                    throw ModelError("the metadata \"\(key)\" is not a string")
                }
                metadata[key] = text
            }
            return metadata
        default: throw ModelError("the header's __metadata__ is not an object")
        }
    }

    private static func checkCoverage(of length: Int, by entries: [Entry]) throws(ModelError) {
        var position = 0
        for entry in entries.sorted(by: { ($0.range.lowerBound, $0.name) < ($1.range.lowerBound, $1.name) }) {
            guard entry.range.lowerBound == position else {
                throw ModelError("tensor \"\(entry.name)\" does not begin where the one before it ends")
            }
            position = entry.range.upperBound
            guard position <= length else {
                throw ModelError(
                    "the file is cut off: tensor \"\(entry.name)\" ends at byte \(position) of its data, which has \(length); "
                        + "download it again")
            }
        }
        guard position == length else {
            throw ModelError("\(length - position) bytes after the last tensor are not used; the file is damaged")
        }
    }

    private enum Kind: String {
        case float32 = "F32"
        case float16 = "F16"
        case uint8 = "U8"

        var size: Int {
            switch self {
            case .float32: 4
            case .float16: 2
            case .uint8: 1
            }
        }
    }

    private struct Entry {
        let name: String
        /// nil if the type is not supported.
        let kind: Kind?
        let kindName: String
        let shape: [Int]
        let range: Range<Int>

        init(name: String, json: JSON) throws(ModelError) {
            guard case .object(let members) = json, case .string(let kindName) = members["dtype"],
                case .array(let dimensions) = members["shape"], case .array(let offsets) = members["data_offsets"],
                offsets.count == 2, case .integer(let begin) = offsets[0], case .integer(let end) = offsets[1]
            else { throw ModelError("the header's entry of tensor \"\(name)\" is invalid") }
            let kind = Kind(rawValue: kindName)
            var count = 1
            var shape: [Int] = []
            for dimension in dimensions {
                guard case .integer(let size) = dimension, size >= 0, size <= SafeTensors.maximumFileLength else {
                    throw ModelError("tensor \"\(name)\" has an invalid shape")
                }
                shape.append(size)
                count *= size
                guard count <= SafeTensors.maximumFileLength else {
                    throw ModelError("tensor \"\(name)\" has an invalid shape")
                }
            }
            guard begin >= 0, end >= begin, kind.map({ end - begin == count * $0.size }) ?? true else {
                throw ModelError("tensor \"\(name)\" of shape \(shape) does not fit its offsets \(begin) to \(end)")
            }
            self.name = name
            self.kind = kind
            self.kindName = kindName
            self.shape = shape
            range = begin..<end
        }

        /// - Precondition: `range` lies within `data`.
        func tensor(in data: ArraySlice<UInt8>) throws(ModelError) -> Tensor {
            guard let kind else {
                throw ModelError(
                    "tensor \"\(name)\" has type \"\(kindName)\"; only F32, F16 and U8 are supported: convert the file")
            }
            let values: [Float] = data.withUnsafeBytes { bytes in
                let tensorBytes = UnsafeRawBufferPointer(rebasing: bytes[range])
                switch kind {
                case .float32:
                    return (0..<range.count / 4).map { index in
                        let bits = tensorBytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                        return Float(bitPattern: UInt32(littleEndian: bits))
                    }
                case .float16:
                    return (0..<range.count / 2).map { index in
                        let bits = tensorBytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                        return Float(Float16(bitPattern: UInt16(littleEndian: bits)))
                    }
                case .uint8: return tensorBytes.map(Float.init)
                }
            }
            guard values.allSatisfy({ $0.isFinite }) else {
                throw ModelError("tensor \"\(name)\" holds NaN or infinite values; the file is damaged")
            }
            return Tensor(shape: shape, values: values, storage: kind == .uint8 ? .uint8 : .float32)
        }
    }
}
