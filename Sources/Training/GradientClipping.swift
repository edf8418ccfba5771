extension [Float] {
    /// Clips the vector to an L2 norm.
    ///
    /// - Returns: false if it contains non-finite values; it is then unchanged.
    mutating func clipNorm(to limit: Double) -> Bool {
        let norm = reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm.isFinite else { return false }
        if norm > limit {
            let factor = Float(limit / norm)
            for index in indices { self[index] *= factor }
        }
        return true
    }
}
