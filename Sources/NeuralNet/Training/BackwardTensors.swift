import CKernels

/// The transpose of an `IndexMap`: for each element of the original row or column, its copies in the padded one.
struct TransposedIndexMap {
    /// The range of padded elements without zeros at the ends; `copies` are relative to `first`.
    let first: Int
    let count: Int
    /// The copies of element `index` are `copies[starts[index]..<starts[index + 1]]`.
    let starts: IndexMap
    let copies: IndexMap

    /// - Parameters:
    ///   - table: the index of the original element for each padded element; -1: zero.
    ///   - length: number of original elements.
    init(_ table: UnsafeBufferPointer<Int32>, length: Int) {
        let first = table.firstIndex { $0 >= 0 } ?? 0
        var copiesOf = [[Int32]](repeating: [], count: length)
        for (copy, index) in table.enumerated() where index >= 0 { copiesOf[Int(index)].append(Int32(copy - first)) }
        self.first = first
        count = (table.lastIndex { $0 >= 0 } ?? first) + 1 - first
        starts = copiesOf.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
        copies = copiesOf.flatMap { $0 }
    }
}

/// The memory plan of the backward pass: its tensors and their offsets in one arena.
struct BackwardTensors {
    /// The tensor ids of one step.
    struct Step {
        /// The gradient with respect to the step's output, split into phases; for a copy, with respect to the input of
        /// the next step.
        var output: Int?
        /// The step's padded input.
        var input: Int?
        /// The gradient with respect to the sub-pixel kernel's weights, and its work memory.
        var weights: Int?
        var work: Int?
        /// The padded input without its zero border; nil if the step reads the network's input.
        var window: (rows: TransposedIndexMap, columns: TransposedIndexMap)?
        /// The gradient with respect to the window.
        var padded: Int?
        /// The gradient with respect to the step's input before padding.
        var value: Int?
        /// The gradient from a later residual sum of that input, which is added.
        var added: (tensor: Int, width: Int32, height: Int32)?
    }

    /// In backward order.
    private(set) var steps: [Step] = []
    /// The size of the arena in floats.
    let size: Int
    private let tensors: MemoryPlanner

    func offset(of tensor: Int) -> Int { tensors.offset(of: tensor) }

    init(_ forward: [NeuralNet.Step]) {
        var tensors = MemoryPlanner()
        var steps: [Step] = []
        /// For each tensor with a skip connection, the gradient with respect to the later sum.
        var sums: [Int: (tensor: Int, width: Int32, height: Int32)] = [:]
        for (time, step) in forward.reversed().enumerated() {
            var ids = Step()
            let source = step.source
            if let subpixel = step.subpixel {
                let output = tensors.add(
                    size: subpixel.blocks * 16 * Int(step.target.width * step.target.height), writtenBy: time - 1)
                tensors.read(output, by: time)
                ids.output = output
                ids.input = tensors.add(
                    size: (subpixel.inputs + 15) / 16 * 16 * Int(source.row_count * source.column_count),
                    writtenBy: time)
                ids.weights = tensors.add(
                    size: subpixel.blocks * 16 * ((subpixel.inputs + 15) / 16 * 16) * subpixel.side * subpixel.side,
                    writtenBy: time)
                if case .convolution(let kernel, _, _) = step.work {
                    var call = gradient_weights(step, kernel, subpixel)
                    let size = gradient_weights_work(&call)
                    if size > 0 { ids.work = tensors.add(size: size, writtenBy: time) }
                }
            } else {
                ids.output = steps.last?.value
                if let output = ids.output { tensors.read(output, by: time) }
            }
            if !step.readsInput {
                let rows = TransposedIndexMap(
                    UnsafeBufferPointer(start: source.rows, count: Int(source.row_count)), length: Int(source.height))
                let columns = TransposedIndexMap(
                    UnsafeBufferPointer(start: source.columns, count: Int(source.column_count)),
                    length: Int(source.width))
                ids.window = (rows, columns)
                let channels = Int(source.channels + 15) / 16 * 16
                if step.subpixel == nil {
                    ids.padded = ids.output
                } else {
                    ids.padded = tensors.add(size: channels * rows.count * columns.count, writtenBy: time)
                }
                let value = tensors.add(size: channels * Int(source.width * source.height), writtenBy: time)
                ids.value = value
                // The skip connection that starts at this input, by the id of the tensor that held it.
                let tensorIDs = step.tensorIDs
                if let added = (tensorIDs.materialized ?? tensorIDs.source).flatMap({ sums.removeValue(forKey: $0) }) {
                    tensors.read(added.tensor, by: time)
                    ids.added = added
                }
                if let skip = tensorIDs.skip { sums[skip] = (value, source.width, source.height) }
            }
            steps.append(ids)
        }
        size = tensors.place()
        self.tensors = tensors
        self.steps = steps
    }
}
