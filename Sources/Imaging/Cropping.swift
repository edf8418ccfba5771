extension Image {
    /// Crops the image.
    ///
    /// - Precondition: the rectangle lies within the image.
    package func cropped(x: Int, y: Int, width: Int, height: Int, threads: Int = 0) -> Image {
        precondition(
            x >= 0 && y >= 0 && x + width <= self.width && y + height <= self.height, "a part lies within its image")
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                guard let target = target.baseAddress, let source = source.baseAddress else { return }
                parallelRows(channels * height, threads: threads) { lines in
                    for line in lines {
                        let (channel, row) = line.quotientAndRemainder(dividingBy: height)
                        let first = (channel * self.height + y + row) * self.width + x
                        (target + line * width).initialize(from: source + first, count: width)
                    }
                }
            }
        }
    }

    /// The given rows.
    package func block(rows: Range<Int>, threads: Int = 0) -> Image {
        cropped(x: 0, y: rows.lowerBound, width: width, height: rows.count, threads: threads)
    }
}

extension Plane {
    /// The images of a batch, from top to bottom.
    package var images: [Plane] {
        batchSize == 1 ? [self] : Imaging.rows(ofBatch: batchSize, height: height).map { block(rows: $0) }
    }

    /// The given rows.
    package func block(rows: Range<Int>, threads: Int = 0) -> Plane {
        Plane(width: width, height: rows.count) { target in
            values.withUnsafeBufferPointer { source in
                guard let target = target.baseAddress, let source = source.baseAddress else { return }
                parallelRows(rows.count, threads: threads) { chunk in
                    (target + chunk.lowerBound * width).initialize(
                        from: source + (rows.lowerBound + chunk.lowerBound) * width, count: chunk.count * width)
                }
            }
        }
    }
}
