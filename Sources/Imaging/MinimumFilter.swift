extension Plane where Value == Float {
    /// The least value in a square window of `size` pixels a side around each pixel; pixels outside do not count. An
    /// even size counts as the next odd one; 1 or less changes nothing.
    ///
    /// On a certainty it spreads what is uncertain by `size / 2` pixels.
    public func minimumFiltered(size: Int, threads: Int = 0) -> Plane<Float> {
        let radius = size / 2
        if radius < 1 || values.isEmpty { return self }
        let (width, height) = (width, height)
        let rowwise = Plane(width: width, height: height) { target in
            values.withUnsafeBufferPointer { source in
                parallelRows(height, threads: threads) { rows in
                    for y in rows {
                        for x in 0..<width {
                            var least = source[y * width + x]
                            for column in max(x - radius, 0)...min(x + radius, width - 1) {
                                least = min(least, source[y * width + column])
                            }
                            target[y * width + x] = least
                        }
                    }
                }
            }
        }
        return Plane(width: width, height: height) { target in
            rowwise.values.withUnsafeBufferPointer { source in
                parallelRows(height, threads: threads) { rows in
                    for y in rows {
                        for x in 0..<width { target[y * width + x] = source[y * width + x] }
                        for row in max(y - radius, 0)...min(y + radius, height - 1) {
                            for x in 0..<width {
                                target[y * width + x] = min(target[y * width + x], source[row * width + x])
                            }
                        }
                    }
                }
            }
        }
    }
}
