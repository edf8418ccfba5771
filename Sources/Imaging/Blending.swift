extension Image {
    /// Blends `self` (`amount` 0) and `other` (`amount` 1).
    /// - Precondition: both have the same size and channels.
    public func mixed(with other: Image, amount: Float, threads: Int = 0) -> Image {
        precondition(hasShape(of: other), "a mixture needs images of one size")
        return withSameShape { target in
            samples.withUnsafeBufferPointer { mine in
                other.samples.withUnsafeBufferPointer { theirs in
                    parallelRows(channels * height, threads: threads) { rows in
                        for i in rows.lowerBound * width..<rows.upperBound * width {
                            target[i] = mine[i] + (theirs[i] - mine[i]) * amount
                        }
                    }
                }
            }
        }
    }

    /// The luma of this image with the chroma of `other`, in full-range YCbCr by BT.601. Used to keep a frame's colours
    /// under a style.
    ///
    /// With equal chroma, red, green and blue all differ by the difference in luma, so only that is added.
    /// - Precondition: both have the same size and three channels in the order `order`.
    public func withColor(of other: Image, order: ChannelOrder, threads: Int = 0) -> Image {
        precondition(hasShape(of: other) && channels == 3, "colours need images of one size with three channels")
        let count = pixelCount
        let (red, green, blue) = (order.red * count, order.green * count, order.blue * count)
        return withSameShape { target in
            samples.withUnsafeBufferPointer { mine in
                other.samples.withUnsafeBufferPointer { theirs in
                    parallelRows(height, threads: threads) { rows in
                        for i in rows.lowerBound * width..<rows.upperBound * width {
                            let difference =
                                0.299 * (mine[red + i] - theirs[red + i])
                                + 0.587 * (mine[green + i] - theirs[green + i])
                                + 0.114 * (mine[blue + i] - theirs[blue + i])
                            target[red + i] = theirs[red + i] + difference
                            target[green + i] = theirs[green + i] + difference
                            target[blue + i] = theirs[blue + i] + difference
                        }
                    }
                }
            }
        }
    }

    private func hasShape(of other: Image) -> Bool {
        width == other.width && height == other.height && channels == other.channels
    }
}
