import Imaging

extension FlowPair {
    /// Stacks the flows of a batch's images.
    ///
    /// - Precondition: at least one, all of one width.
    package init(stacking flows: [FlowPair]) {
        self.init(
            backward: FlowField(stacking: flows.map(\.backward)), forward: FlowField(stacking: flows.map(\.forward)))
    }
}

extension FlowField {
    /// - Precondition: at least one, all of one width.
    fileprivate init(stacking flows: [FlowField]) {
        if flows.count == 1 {
            self = flows[0]
            return
        }
        self.init(
            width: flows[0].width, height: flows.reduce(0) { $0 + $1.height }, u: joined(flows.map(\.u)),
            v: joined(flows.map(\.v)))
        batchSize = flows.count
    }
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
