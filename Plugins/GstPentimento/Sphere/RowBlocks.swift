import Flow
import Imaging

/// Pictures that lie one below the other in a frame and have nothing to do with one another: taken apart, and put together again.
struct RowBlocks: Equatable {
    /// One, or six faces.
    let count: Int

    func cut<Value>(_ plane: Plane<Value>) -> [Plane<Value>] {
        if count == 1 { return [plane] }
        return rows(ofParts: count, in: plane.height).map { plane.block(rows: $0) }
    }

    /// - Precondition: parts of one width, at least one.
    func join(_ parts: [FlowPair]) -> FlowPair {
        FlowPair(backward: join(parts.map(\.backward)), forward: join(parts.map(\.forward)))
    }

    private func join(_ parts: [FlowField]) -> FlowField {
        if parts.count == 1 { return parts[0] }
        return FlowField(
            width: parts[0].width, height: parts.reduce(0) { $0 + $1.height }, u: joined(parts.map(\.u)),
            v: joined(parts.map(\.v)))
    }

    /// One array after the other. Several threads do it, for most of the time goes into having new memory.
    private func joined(_ arrays: [[Float]]) -> [Float] {
        let count = arrays.reduce(0) { $0 + $1.count }
        return Array(unsafeUninitializedCapacity: count) { target, initialized in
            useLargePages(UnsafeMutableRawBufferPointer(target))
            guard let target = target.baseAddress else { return }
            parallel(arrays.count) { index in
                let first = arrays[..<index].reduce(0) { $0 + $1.count }
                arrays[index].withUnsafeBufferPointer { source in
                    guard let source = source.baseAddress else { return }
                    (target + first).initialize(from: source, count: arrays[index].count)
                }
            }
            initialized = count
        }
    }
}
