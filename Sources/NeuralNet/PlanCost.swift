import Support

/// The memory that a plan takes, computed before it is allocated.
package struct PlanCost: Sendable, Equatable {
    /// The number of bytes; `Int.max` after an overflow.
    package private(set) var bytes = 0

    package init() {}

    /// Adds `count` elements of `size` bytes each.
    package mutating func add(_ count: Int, of size: Int = MemoryLayout<Float>.size) {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: size)
        let (sum, overflows) = bytes.addingReportingOverflow(product)
        bytes = isTooLarge || overflows ? Int.max : sum
    }

    /// Adds another cost `count` times.
    package mutating func add(_ other: PlanCost, times count: Int = 1) { add(count, of: other.bytes) }

    /// - Parameters:
    ///   - what: the subject of the error text, such as `the network at 640x360`.
    ///   - remedy: how to take less memory, such as `take smaller frames`.
    ///   - limit: in bytes.
    /// - Throws: an error with the number of bytes, the limit and the remedy, if the limit is exceeded.
    package func check(
        _ what: String, remedy: String, limit: Int = MemoryLimit.bytes
    ) throws(ModelError) {
        guard bytes == Int.max || bytes > limit else { return }
        let text = bytes == Int.max ? "more memory than can be counted" : "\(byteText(bytes)) of memory"
        throw ModelError(
            "\(what) needs \(text), and may take \(byteText(limit)): \(remedy), or set \(MemoryLimit.variable)")
    }
}
