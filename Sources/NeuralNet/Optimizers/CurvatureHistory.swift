/// The history of L-BFGS: the last steps s and the gradient's changes y along them (Nocedal and Wright 2006, 7.2).
///
/// The two-loop recursion only needs the inner products of these long vectors. It runs here, in double precision, on
/// the direction's coefficients in the basis of all s, all y and the gradient (Chen et al. 2014, "Large-scale L-BFGS
/// using MapReduce"). So the history is read only twice in an iteration, in parallel chunks: once for the inner
/// products with the new vectors, and once to compute the direction.
final class CurvatureHistory {
    private struct Pair {
        let step: UnsafeMutableBufferPointer<Float>
        let change: UnsafeMutableBufferPointer<Float>
    }

    private let capacity: Int
    private let length: Int
    private let threads: Int
    /// The oldest first.
    private var pairs: [Pair] = []
    /// `stepChange[i][j]` is the inner product of step i and change j, `changeChange[i][j]` that of two changes.
    private var stepChange: [[Double]] = []
    private var changeChange: [[Double]] = []
    /// The inner products of each step and change with the current gradient.
    private var stepGradient: [Double] = []
    private var changeGradient: [Double] = []

    /// - Parameters:
    ///   - capacity: the maximum number of pairs. Each takes `8 * length` bytes once it is used.
    ///   - length: length of the vectors.
    init(capacity: Int, length: Int, threads: Int) {
        self.capacity = max(1, capacity)
        self.length = length
        self.threads = threads
    }

    deinit { removeAll() }

    var isEmpty: Bool { pairs.isEmpty }

    func removeAll() {
        for pair in pairs { free(pair) }
        pairs = []
        stepChange = []
        changeChange = []
        stepGradient = []
        changeGradient = []
    }

    /// Adds a step, replacing the oldest if the history is full. A step is skipped if rounding hides its curvature.
    func append(from point: [Float], gradient: [Float], to newPoint: [Float], gradient newGradient: [Float]) {
        let pair = makeRoom()
        pairs.append(pair)
        let count = pairs.count
        let products = point.withUnsafeBufferPointer { point in
            gradient.withUnsafeBufferPointer { gradient in
                newPoint.withUnsafeBufferPointer { newPoint in
                    newGradient.withUnsafeBufferPointer { newGradient in
                        chunkedSums(5 * count, over: length, threads: threads) { range, sums in
                            for index in range {
                                pair.step[index] = newPoint[index] - point[index]
                                pair.change[index] = newGradient[index] - gradient[index]
                            }
                            let (step, change) = (UnsafeBufferPointer(pair.step), UnsafeBufferPointer(pair.change))
                            for (index, other) in pairs.enumerated() {
                                let otherStep = UnsafeBufferPointer(other.step)
                                let otherChange = UnsafeBufferPointer(other.change)
                                sums[index] = dot(otherStep, change, range)
                                sums[count + index] = dot(otherStep, newGradient, range)
                                sums[2 * count + index] = dot(otherChange, step, range)
                                sums[3 * count + index] = dot(otherChange, change, range)
                                sums[4 * count + index] = dot(otherChange, newGradient, range)
                            }
                        }
                    }
                }
            }
        }
        for index in 0..<count - 1 {
            stepChange[index].append(products[index])
            changeChange[index].append(products[3 * count + index])
        }
        stepChange.append(Array(products[2 * count..<3 * count]))
        changeChange.append(Array(products[3 * count..<4 * count]))
        stepGradient = Array(products[count..<2 * count])
        changeGradient = Array(products[4 * count..<5 * count])
        if !(stepChange[count - 1][count - 1] > 0) { remove(at: count - 1).map(free) }
    }

    /// Computes the quasi-Newton direction: minus the estimated inverse Hessian times the gradient. With an empty
    /// history it is minus the gradient.
    /// - Returns: the direction's inner product with the gradient, and with itself.
    func direct(_ direction: inout [Float], gradient: [Float]) -> (slope: Double, square: Double) {
        let coefficients = recursion()
        let sums = direction.withUnsafeMutableBufferPointer { direction in
            gradient.withUnsafeBufferPointer { gradient in
                let target = direction
                return chunkedSums(2, over: length, threads: threads) { range, sums in
                    let scale = Float(coefficients.gradient)
                    for index in range { target[index] = scale * gradient[index] }
                    for (index, pair) in pairs.enumerated() {
                        add(coefficients.changes[index], times: UnsafeBufferPointer(pair.change), to: target, range)
                        add(coefficients.steps[index], times: UnsafeBufferPointer(pair.step), to: target, range)
                    }
                    sums[0] = dot(UnsafeBufferPointer(target), gradient, range)
                    sums[1] = dot(UnsafeBufferPointer(target), UnsafeBufferPointer(target), range)
                }
            }
        }
        return (sums[0], sums[1])
    }

    /// The two-loop recursion (Nocedal and Wright 2006, algorithm 7.4) on coefficients.
    private func recursion() -> (gradient: Double, steps: [Double], changes: [Double]) {
        let count = pairs.count
        var steps = [Double](repeating: 0, count: count)
        var changes = steps
        guard let newest = pairs.indices.last else { return (-1, steps, changes) }
        var alpha = steps
        for i in (0..<count).reversed() {
            var product = -stepGradient[i]
            for j in i + 1..<count { product += changes[j] * stepChange[i][j] }
            alpha[i] = product / stepChange[i][i]
            changes[i] = -alpha[i]
        }
        // The initial inverse Hessian: a multiple of the identity, from the newest pair.
        let scale = stepChange[newest][newest] / changeChange[newest][newest]
        for i in 0..<count { changes[i] *= scale }
        for i in 0..<count {
            var product = -scale * changeGradient[i]
            for j in 0..<count { product += changes[j] * changeChange[i][j] }
            for j in 0..<i { product += steps[j] * stepChange[j][i] }
            steps[i] = alpha[i] - product / stepChange[i][i]
        }
        return (-scale, steps, changes)
    }

    // MARK: Room

    /// The oldest pair's memory if the history is full, else new memory.
    private func makeRoom() -> Pair {
        if pairs.count >= capacity, let oldest = remove(at: 0) { return oldest }
        return Pair(step: .allocate(capacity: length), change: .allocate(capacity: length))
    }

    private func remove(at index: Int) -> Pair? {
        guard pairs.indices.contains(index) else { return nil }
        stepChange.remove(at: index)
        changeChange.remove(at: index)
        for row in stepChange.indices {
            stepChange[row].remove(at: index)
            changeChange[row].remove(at: index)
        }
        if stepGradient.indices.contains(index) {
            stepGradient.remove(at: index)
            changeGradient.remove(at: index)
        }
        return pairs.remove(at: index)
    }

    private func free(_ pair: Pair) {
        pair.step.deallocate()
        pair.change.deallocate()
    }
}
