extension Image {
    /// The median of a square window of `size` pixels a side, 3 or 5, channel by channel; the border is repeated
    /// outwards. Other sizes give the image itself.
    public func medianFiltered(size: Int, threads: Int = 0) -> Image {
        if (size != 3 && size != 5) || samples.isEmpty { return self }
        let (width, height) = (width, height)
        let radius = size / 2
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                parallelRows(channels * height, threads: threads) { rows in
                    for row in rows {
                        let (channel, y) = row.quotientAndRemainder(dividingBy: height)
                        for x in 0..<width {
                            var window: [Float] = []
                            for j in -radius...radius {
                                let line = channel * height + min(max(y + j, 0), height - 1)
                                for i in -radius...radius {
                                    window.append(source[line * width + min(max(x + i, 0), width - 1)])
                                }
                            }
                            window.sort()
                            target[row * width + x] = window[window.count / 2]
                        }
                    }
                }
            }
        }
    }
}
