import Imaging

/// Activations in double precision.
package struct ReferenceTensor: Sendable, Equatable {
    package let channels: Int
    package let height: Int
    package let width: Int
    /// [channels][height][width].
    package var values: [Double]

    /// - Precondition: `values` holds `channels * height * width` values.
    package init(channels: Int, height: Int, width: Int, values: [Double]) {
        precondition(values.count == channels * height * width, "a tensor needs channels * height * width values")
        self.channels = channels
        self.height = height
        self.width = width
        self.values = values
    }

    package init(channels: Int, height: Int, width: Int) {
        self.init(
            channels: channels, height: height, width: width,
            values: [Double](repeating: 0, count: channels * height * width))
    }

    package init(_ image: Image) {
        self.init(
            channels: image.channels, height: image.height, width: image.width, values: image.samples.map(Double.init))
    }

    /// One channel.
    package init(_ plane: Plane<Float>) {
        self.init(channels: 1, height: plane.height, width: plane.width, values: plane.values.map(Double.init))
    }

    /// The tensor rounded to single precision.
    package var image: Image {
        Image(width: width, height: height, channels: channels, samples: values.map(Float.init))
    }

    /// The number of values of one channel.
    package var pixelCount: Int { height * width }

    package subscript(channel: Int, y: Int, x: Int) -> Double {
        get { values[(channel * height + y) * width + x] }
        set { values[(channel * height + y) * width + x] = newValue }
    }

    /// The range of a channel in `values`.
    func range(ofChannel channel: Int) -> Range<Int> { channel * pixelCount..<(channel + 1) * pixelCount }

    package static func += (tensor: inout ReferenceTensor, other: ReferenceTensor) {
        precondition(tensor.values.count == other.values.count, "tensors of different shapes have no sum")
        for index in other.values.indices { tensor.values[index] += other.values[index] }
    }

    /// Combines this tensor with another of the same shape, value by value.
    func combined(with other: ReferenceTensor, _ body: (Double, Double) -> Double) -> ReferenceTensor {
        ReferenceTensor(
            channels: channels, height: height, width: width, values: zip(values, other.values).map(body))
    }

    /// A tensor of zeros, whose planes `body` then fills in parallel.
    init(
        channels: Int, height: Int, width: Int, eachPlane body: (Int, UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        self.init(channels: channels, height: height, width: width)
        let count = pixelCount
        values.withUnsafeMutableBufferPointer { values in
            parallel(channels) { channel in
                body(channel, UnsafeMutableBufferPointer(rebasing: values[channel * count..<(channel + 1) * count]))
            }
        }
    }
}
