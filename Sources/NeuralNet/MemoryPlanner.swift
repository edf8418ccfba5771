/// Assigns tensors to offsets in one arena. A tensor's memory is reused after the last step that reads it.
struct MemoryPlanner {
    private struct Tensor {
        var size: Int
        var firstStep: Int
        var lastStep: Int
        var offset = 0
    }

    private var tensors: [Tensor] = []

    /// Adds a tensor of `size` floats that step `step` writes. Returns its id.
    mutating func add(size: Int, writtenBy step: Int) -> Int {
        // Keeps offsets aligned to cache lines.
        tensors.append(Tensor(size: (size + 15) / 16 * 16, firstStep: step, lastStep: step))
        return tensors.count - 1
    }

    /// Keeps a tensor's memory until `step` is done.
    mutating func read(_ tensor: Int, by step: Int) {
        tensors[tensor].lastStep = max(tensors[tensor].lastStep, step)
    }

    func offset(of tensor: Int) -> Int { tensors[tensor].offset }

    /// Assigns the offsets greedily: the largest tensor first, each at the lowest offset that is free during its
    /// lifetime. Returns the size of the arena in floats.
    mutating func place() -> Int {
        var placed: [Int] = []
        var total = 0
        for index in tensors.indices.sorted(by: { (tensors[$1].size, $0) < (tensors[$0].size, $1) }) {
            let tensor = tensors[index]
            let neighbours = placed.map { tensors[$0] }
                .filter { $0.firstStep <= tensor.lastStep && tensor.firstStep <= $0.lastStep }
                .sorted { $0.offset < $1.offset }
            var offset = 0
            for neighbour in neighbours where neighbour.offset < offset + tensor.size {
                offset = max(offset, neighbour.offset + neighbour.size)
            }
            tensors[index].offset = offset
            placed.append(index)
            total = max(total, offset + tensor.size)
        }
        return total
    }
}
