import Flow
import Imaging

/// Splits a batch of stacked images into its images and concatenates flows of the images again.
struct RowBlocks: Equatable {
    /// Number of images: 1, or 6 cube faces.
    let count: Int

    func cut<Value>(_ plane: Plane<Value>) -> [Plane<Value>] {
        if count == 1 { return [plane] }
        return rows(ofParts: count, in: plane.height).map { plane.block(rows: $0) }
    }

    /// - Precondition: at least one flow, all of one width.
    func join(_ parts: [FlowPair]) -> FlowPair {
        FlowPair(backward: join(parts.map(\.backward)), forward: join(parts.map(\.forward)))
    }

    private func join(_ parts: [FlowField]) -> FlowField {
        if parts.count == 1 { return parts[0] }
        return FlowField(
            width: parts[0].width, height: parts.reduce(0) { $0 + $1.height }, u: joined(parts.map(\.u)),
            v: joined(parts.map(\.v)))
    }

    /// Concatenates arrays. Multithreaded, since most of the time is spent on page faults of the new memory.
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
