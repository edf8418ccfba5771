import Support

/// The memory that a plan will take, known before any of it is there.
public struct PlanPrice: Sendable, Equatable {
    /// `Int.max` where there are more than can be counted.
    public private(set) var bytes = 0

    public init() {}

    /// Adds `count` things of `size` bytes each.
    public mutating func add(_ count: Int, of size: Int = MemoryLayout<Float>.size) {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: size)
        let (sum, overflows) = bytes.addingReportingOverflow(product)
        bytes = isTooLarge || overflows ? Int.max : sum
    }

    /// Adds another price, so many times.
    public mutating func add(_ other: PlanPrice, times count: Int = 1) { add(count, of: other.bytes) }

    /// - Parameters:
    ///   - what: is to be made, as in `the network at 640x360`.
    ///   - remedy: what takes less, as in `take smaller frames`.
    ///   - limit: in bytes.
    /// - Throws: an error with the figure, the limit and the remedy, if there are more bytes than that.
    public func check(
        _ what: String, remedy: String, limit: Int = MemoryLimit.bytes
    ) throws(ModelError) {
        guard bytes == Int.max || bytes > limit else { return }
        let text = bytes == Int.max ? "more memory than can be counted" : "\(byteText(bytes)) of memory"
        throw ModelError(
            "\(what) needs \(text), and may take \(byteText(limit)): \(remedy), or set \(MemoryLimit.variable)")
    }
}
