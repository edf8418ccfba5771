import CKernels

/// Zeroed memory of fixed place that lives as long as this object, for what the kernels hold pointers to.
final class Memory {
    private var blocks: [UnsafeMutablePointer<Float>] = []
    private var arrays: [UnsafeMutablePointer<Float>] = []
    private var tables: [UnsafeMutablePointer<Int32>] = []
    private var flags: [UnsafeMutablePointer<UInt8>] = []

    deinit {
        for block in blocks { blocked_free(block) }
        for array in arrays { UnsafeMutableRawPointer(array).deallocate() }
        for table in tables { table.deallocate() }
        for flag in flags { flag.deallocate() }
    }

    /// - Throws: an error if there is not so much memory.
    func floats(_ count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        guard let block = blocked_allocate(count) else {
            throw ModelError("there is not enough memory for the network at this size (\(count >> 18) MB)")
        }
        blocks.append(block)
        return block
    }

    /// The values, padded with zeros to `count`.
    func floats(_ values: [Float], count: Int) throws(ModelError) -> UnsafeMutablePointer<Float> {
        let block = try floats(count)
        block.update(from: values, count: min(values.count, count))
        return block
    }

    /// Zeros; ends the process where there is no memory for them, as an array does.
    func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let zeros = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64
        )
        .initializeMemory(as: Float.self, repeating: 0, count: count)
        arrays.append(zeros)
        return zeros
    }

    func table(_ values: IndexMap) -> UnsafeMutablePointer<Int32> {
        let table = UnsafeMutablePointer<Int32>.allocate(capacity: values.count + 1)
        table.initialize(from: values, count: values.count)
        tables.append(table)
        return table
    }

    func bytes(_ values: [UInt8]) -> UnsafePointer<UInt8> {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: values.count + 1)
        bytes.initialize(from: values, count: values.count)
        flags.append(bytes)
        return UnsafePointer(bytes)
    }
}

/// Places for tensors in one stretch of memory, used again once their last reader is done.
struct TensorPlan {
    private struct Tensor {
        var size: Int
        var firstStep: Int
        var lastStep: Int
        var offset = 0
    }

    private var tensors: [Tensor] = []

    /// A tensor of `size` floats that step `step` writes; its number.
    mutating func add(size: Int, writtenBy step: Int) -> Int {
        // Places stay aligned to cache lines.
        tensors.append(Tensor(size: (size + 15) / 16 * 16, firstStep: step, lastStep: step))
        return tensors.count - 1
    }

    /// Keeps a tensor's place until `step` is done.
    mutating func read(_ tensor: Int, by step: Int) {
        tensors[tensor].lastStep = max(tensors[tensor].lastStep, step)
    }

    func offset(of tensor: Int) -> Int { tensors[tensor].offset }

    /// Gives every tensor its place, the largest first, each as low as those that live with it allow; the floats that all
    /// take together.
    mutating func place() -> Int {
        var placed: [Int] = []
        var total = 0
        for index in tensors.indices.sorted(by: { (tensors[$1].size, $0) < (tensors[$0].size, $1) }) {
            let own = tensors[index]
            let neighbours = placed.map { tensors[$0] }
                .filter { $0.firstStep <= own.lastStep && own.firstStep <= $0.lastStep }
                .sorted { $0.offset < $1.offset }
            var offset = 0
            for neighbour in neighbours where neighbour.offset < offset + own.size {
                offset = max(offset, neighbour.offset + neighbour.size)
            }
            tensors[index].offset = offset
            placed.append(index)
            total = max(total, offset + own.size)
        }
        return total
    }
}
