import CKernels
import Support

/// Zero-initialised memory at fixed addresses for the kernels' pointers. It is freed with this object.
///
/// With `isCostOnly` it only counts bytes: tables are allocated, and all other requests get the same placeholder,
/// which must not be read or written.
final class Memory {
    /// The bytes of all allocations and notes.
    private(set) var cost = PlanCost()
    let isCostOnly: Bool
    private var blocks: [(start: UnsafeMutablePointer<Float>, count: Int)] = []
    private var placeholder: UnsafeMutablePointer<Float>?

    init(isCostOnly: Bool = false) {
        self.isCostOnly = isCostOnly
    }

    deinit {
        for block in blocks { blocked_free(block.start, block.count) }
    }

    /// Allocates `count` zeros.
    ///
    /// - Throws: an error if the allocation fails.
    func floats(_ count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        guard isCostOnly else { return try allocate(count) }
        cost.add(Self.size(count), of: 1)
        if let placeholder { return placeholder }
        let before = cost
        defer { cost = before }
        let block = try allocate(1)
        placeholder = block
        return block
    }

    /// Allocates a copy of the values, padded with zeros to `count`.
    ///
    /// - Throws: an error if the allocation fails.
    func floats(_ values: [Float], count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        let block = try floats(count)
        if !isCostOnly { block.update(from: values, count: min(values.count, count)) }
        return block
    }

    /// Allocates zeros of a type that is no larger than a float. With `isCostOnly` the result is the placeholder.
    ///
    /// - Throws: an error if the allocation fails.
    func zeros<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type) throws(ModelError) -> UnsafeMutablePointer<
        Value
    > {
        let block = try floats(Self.floats(count, of: type))
        return UnsafeMutableRawPointer(block).bindMemory(to: type, capacity: isCostOnly ? 1 : count)
    }

    /// Allocates a copy of the values, with `isCostOnly` too.
    ///
    /// - Throws: an error if the allocation fails.
    func table<Value: BitwiseCopyable>(_ values: [Value]) throws(ModelError) -> UnsafeMutablePointer<Value> {
        let block = try allocate(Self.floats(values.count, of: Value.self))
        let table = UnsafeMutableRawPointer(block).bindMemory(to: Value.self, capacity: values.count)
        table.initialize(from: values, count: values.count)
        return table
    }

    /// Adds `count` values to the cost that are allocated elsewhere or only temporarily.
    func record(_ count: Int, of size: Int = MemoryLayout<Float>.size) { cost.add(count, of: size) }

    private func allocate(_ count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        cost.add(Self.size(count), of: 1)
        guard count >= 0, let block = blocked_allocate(count) else {
            throw ModelError(
                "cannot allocate another \(byteText(Self.size(count))) of memory: close other programs, or process less at once"
            )
        }
        blocks.append((block, count))
        return block
    }

    private static func size(_ floats: Int) -> Int {
        let size = floats < 0 ? -1 : blocked_allocation_size(floats)
        // SIZE_MAX is imported as -1.
        return size < 0 ? Int.max : size
    }

    private static func floats<Value>(_ count: Int, of type: Value.Type) -> Int {
        (count * MemoryLayout<Value>.stride + MemoryLayout<Float>.stride - 1) / MemoryLayout<Float>.stride
    }
}

/// Scratch memory for the threads of one network.
final class Scratch {
    let threads: OpaquePointer

    /// - Parameters:
    ///   - size: bytes for each thread.
    /// - Throws: an error if the allocation fails.
    init(threads count: Int, size: Int) throws(ModelError) {
        guard let threads = blocked_scratch_create(Int32(clamping: count), size) else {
            let bytes = Self.floats(threads: count, size: size) * MemoryLayout<Float>.size
            throw ModelError(
                "cannot allocate another \(byteText(bytes)) of memory: close other programs, or use fewer threads")
        }
        self.threads = threads
    }

    deinit { blocked_scratch_destroy(threads) }

    /// The number of floats for all threads together.
    static func floats(threads: Int, size: Int) -> Int {
        blocked_scratch_floats(Int32(clamping: threads), size)
    }
}
