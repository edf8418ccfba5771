extension Plane where Value == UInt8 {
    /// The mean of each pixel and those up to `radius` pixels away along both axes, without pixels outside: edges become
    /// ramps that are `2 * radius + 1` pixels wide.
    package func softened(radius: Int, threads: Int = 0) -> Plane<UInt8> {
        let radius = Swift.min(radius, Swift.max(width, height))
        guard radius > 0, !values.isEmpty else { return self }
        return softenedRows(radius: radius, threads: threads).softenedColumns(radius: radius, threads: threads)
    }

    private func softenedRows(radius: Int, threads: Int) -> Plane<UInt8> {
        let width = width
        return Plane(width: width, height: height) { target in
            nonisolated(unsafe) let target = target
            values.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let source = source
                parallelRows(height, threads: threads) { rows in
                    for y in rows {
                        let row = y * width
                        var sum = source[row..<row + Swift.min(radius, width)].reduce(0) { $0 + Int($1) }
                        for x in 0..<width {
                            if x + radius < width { sum += Int(source[row + x + radius]) }
                            if x > radius { sum -= Int(source[row + x - radius - 1]) }
                            let count = Swift.min(x + radius, width - 1) - Swift.max(x - radius, 0) + 1
                            target[row + x] = UInt8((sum + count / 2) / count)
                        }
                    }
                }
            }
        }
    }

    private func softenedColumns(radius: Int, threads: Int) -> Plane<UInt8> {
        let (width, height) = (width, height)
        return Plane(width: width, height: height) { target in
            nonisolated(unsafe) let target = target
            values.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let source = source
                parallelRows(height, threads: threads) { rows in
                    var sums = [Int32](repeating: 0, count: width)
                    func add(_ y: Int, _ sign: Int32) {
                        for x in 0..<width { sums[x] += sign * Int32(source[y * width + x]) }
                    }
                    let first = rows.lowerBound
                    for y in Swift.max(first - radius, 0)..<Swift.min(first + radius, height) { add(y, 1) }
                    for y in rows {
                        if y + radius < height { add(y + radius, 1) }
                        if y > first, y > radius { add(y - radius - 1, -1) }
                        let count = Int32(Swift.min(y + radius, height - 1) - Swift.max(y - radius, 0) + 1)
                        for x in 0..<width { target[y * width + x] = UInt8((sums[x] + count / 2) / count) }
                    }
                }
            }
        }
    }

    /// 255 minus each value.
    package func inverted() -> Plane<UInt8> { Plane(width: width, height: height, values: values.map { 255 - $0 }) }
}

extension PackedPixels {
    /// Alpha; nil if the layout has none.
    package func alphaPlane(threads: Int = 0) -> Plane<UInt8>? {
        guard let offset = layout.alpha else { return nil }
        return Plane(width: width, height: height) { target in
            nonisolated(unsafe) let target = target
            nonisolated(unsafe) let pixels = self
            parallelRows(height, threads: threads) { rows in
                for y in rows {
                    let source = (pixels.base + y * pixels.stride + offset).assumingMemoryBound(to: UInt8.self)
                    for x in 0..<pixels.width { target[y * pixels.width + x] = source[4 * x] }
                }
            }
        }
    }
}

extension FramePixels {
    /// Black (0) to white (255) at each pixel: luma, brought to the whole range.
    package func levels(threads: Int = 0) -> Plane<UInt8> {
        let luma = luma(threads: threads)
        guard packed == nil, let range = colors.range.first, range.lowerBound > 0 else { return luma }
        let table = (0...255).map { level -> UInt8 in
            let share = (Float(level) - range.lowerBound) / (range.upperBound - range.lowerBound)
            return UInt8(min(max(share, 0), 1) * 255 + 0.5)
        }
        return Plane(width: width, height: height, values: luma.values.map { table[Int($0)] })
    }
}
