import CKernels
import Support

/// Zeroed memory of fixed place that lives as long as this object, for what the kernels hold pointers to.
///
/// Where only its price is asked for, nothing but tables is allocated: all else has one place, which nobody reads or writes.
final class Memory {
    /// What all that was asked for takes.
    private(set) var price = PlanPrice()
    let isPriceOnly: Bool
    private var blocks: [(start: UnsafeMutablePointer<Float>, count: Int)] = []
    private var placeholder: UnsafeMutablePointer<Float>?

    init(isPriceOnly: Bool = false) {
        self.isPriceOnly = isPriceOnly
    }

    deinit {
        for block in blocks { blocked_free(block.start, block.count) }
    }

    /// Zeros.
    ///
    /// - Throws: an error if there is not so much memory.
    func floats(_ count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        guard isPriceOnly else { return try allocate(count) }
        price.add(Self.size(count), of: 1)
        if let placeholder { return placeholder }
        let before = price
        defer { price = before }
        let block = try allocate(1)
        placeholder = block
        return block
    }

    /// The values, padded with zeros to `count`.
    ///
    /// - Throws: an error if there is not so much memory.
    func floats(_ values: [Float], count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        let block = try floats(count)
        if !isPriceOnly { block.update(from: values, count: min(values.count, count)) }
        return block
    }

    /// Zeros of another type, which is no larger than a float; only for their number where the price is asked for.
    ///
    /// - Throws: an error if there is not so much memory.
    func zeros<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type) throws(ModelError) -> UnsafeMutablePointer<
        Value
    > {
        let block = try floats(Self.floats(count, of: type))
        return UnsafeMutableRawPointer(block).bindMemory(to: type, capacity: isPriceOnly ? 1 : count)
    }

    /// The values, also where only the price is asked for.
    ///
    /// - Throws: an error if there is not so much memory.
    func table<Value: BitwiseCopyable>(_ values: [Value]) throws(ModelError) -> UnsafeMutablePointer<Value> {
        let block = try allocate(Self.floats(values.count, of: Value.self))
        let table = UnsafeMutableRawPointer(block).bindMemory(to: Value.self, capacity: values.count)
        table.initialize(from: values, count: values.count)
        return table
    }

    /// Adds to the price what is needed besides, for a while or elsewhere.
    func note(_ count: Int, of size: Int = MemoryLayout<Float>.size) { price.add(count, of: size) }

    private func allocate(_ count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        price.add(Self.size(count), of: 1)
        guard count >= 0, let block = blocked_allocate(count) else {
            throw ModelError(
                "there is no memory for another \(byteText(Self.size(count))): end other programs, or take less at a time"
            )
        }
        blocks.append((block, count))
        return block
    }

    private static func size(_ floats: Int) -> Int {
        let size = floats < 0 ? -1 : blocked_allocation_size(floats)
        // C's largest number is -1 here.
        return size < 0 ? Int.max : size
    }

    private static func floats<Value>(_ count: Int, of type: Value.Type) -> Int {
        (count * MemoryLayout<Value>.stride + MemoryLayout<Float>.stride - 1) / MemoryLayout<Float>.stride
    }
}

/// Memory that the threads of one network compute in.
final class Scratch {
    let threads: OpaquePointer

    /// - Parameters:
    ///   - size: the bytes of each thread.
    /// - Throws: an error if there is not so much memory.
    init(threads count: Int, size: Int) throws(ModelError) {
        guard let threads = blocked_scratch_create(Int32(clamping: count), size) else {
            let bytes = Self.floats(threads: count, size: size) * MemoryLayout<Float>.size
            throw ModelError(
                "there is no memory for another \(byteText(bytes)): end other programs, or take fewer threads")
        }
        self.threads = threads
    }

    deinit { blocked_scratch_destroy(threads) }

    /// What all threads take.
    static func floats(threads: Int, size: Int) -> Int {
        blocked_scratch_floats(Int32(clamping: threads), size)
    }
}
