import CKernels

/// The inverse of the table that extends a row or column: for each element of the original, the elements of the extended
/// one that show it.
struct Fold {
    /// The extended elements from the first to the last that show anything; `places` counts from `first`.
    let first: Int
    let count: Int
    /// The elements that show `index` are `places[starts[index]..<starts[index + 1]]`.
    let starts: IndexMap
    let places: IndexMap

    /// - Parameters:
    ///   - table: which element of the original stands at each place of the extended; -1: none.
    ///   - length: of the original.
    init(_ table: UnsafeBufferPointer<Int32>, length: Int) {
        let first = table.firstIndex { $0 >= 0 } ?? 0
        var shown = [[Int32]](repeating: [], count: length)
        for (place, index) in table.enumerated() where index >= 0 { shown[Int(index)].append(Int32(place - first)) }
        self.first = first
        count = (table.lastIndex { $0 >= 0 } ?? first) + 1 - first
        starts = shown.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
        places = shown.flatMap { $0 }
    }
}

/// The gradients on the way back and where they lie, each place used again once its last reader is done.
struct BackwardTensors {
    /// What one step needs, by numbers.
    struct Step {
        /// The gradient with respect to what the step wrote, its phases apart; of a copy that of the value that the next step
        /// read.
        var output: Int?
        /// The step's extended input.
        var input: Int?
        /// The gradient with respect to the weights as the kernel has them, and what it is computed in.
        var filters: Int?
        var work: Int?
        /// The part of the extended input that shows anything; nil where the step reads the network's input.
        var window: (rows: Fold, columns: Fold)?
        /// The gradient with respect to that.
        var extended: Int?
        /// The gradient with respect to the value that the step read.
        var value: Int?
        /// A later gradient that goes into that too, by a residual sum.
        var added: (tensor: Int, width: Int32, height: Int32)?
    }

    /// In the order of the way back.
    private(set) var steps: [Step] = []
    /// The floats that all take together.
    let size: Int
    private let tensors: TensorPlan

    func offset(of tensor: Int) -> Int { tensors.offset(of: tensor) }

    init(_ forward: [NeuralNet.Step]) {
        var tensors = TensorPlan()
        var steps: [Step] = []
        /// For a tensor that is added to a later one, that one's gradient.
        var sums: [Int: (tensor: Int, width: Int32, height: Int32)] = [:]
        for (time, step) in forward.reversed().enumerated() {
            var own = Step()
            let source = step.source
            if let spread = step.spread {
                let output = tensors.add(
                    size: spread.blocks * 16 * Int(step.target.width * step.target.height), writtenBy: time - 1)
                tensors.read(output, by: time)
                own.output = output
                own.input = tensors.add(
                    size: (spread.inputs + 15) / 16 * 16 * Int(source.row_count * source.column_count), writtenBy: time)
                own.filters = tensors.add(
                    size: spread.blocks * 16 * ((spread.inputs + 15) / 16 * 16) * spread.side * spread.side,
                    writtenBy: time)
                if case .convolution(let kernel, _, _) = step.work {
                    var filters = gradient_filters(step, kernel, spread)
                    let size = gradient_filters_work(&filters)
                    if size > 0 { own.work = tensors.add(size: size, writtenBy: time) }
                }
            } else {
                own.output = steps.last?.value
                if let output = own.output { tensors.read(output, by: time) }
            }
            if !step.readsInput {
                let rows = Fold(
                    UnsafeBufferPointer(start: source.rows, count: Int(source.row_count)), length: Int(source.height))
                let columns = Fold(
                    UnsafeBufferPointer(start: source.columns, count: Int(source.column_count)),
                    length: Int(source.width))
                own.window = (rows, columns)
                let channels = Int(source.channels + 15) / 16 * 16
                if step.spread == nil {
                    own.extended = own.output
                } else {
                    own.extended = tensors.add(size: channels * rows.count * columns.count, writtenBy: time)
                }
                let value = tensors.add(size: channels * Int(source.width * source.height), writtenBy: time)
                own.value = value
                // What the value that is read was added to later, by the number of the tensor that held it.
                if let added = (step.wires.kept ?? step.wires.source).flatMap({ sums.removeValue(forKey: $0) }) {
                    tensors.read(added.tensor, by: time)
                    own.added = added
                }
                if let skip = step.wires.skip { sums[skip] = (value, source.width, source.height) }
            }
            steps.append(own)
        }
        size = tensors.place()
        self.tensors = tensors
        self.steps = steps
    }
}
