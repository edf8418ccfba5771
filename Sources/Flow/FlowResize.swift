import Imaging

extension FlowField {
    /// The flow for frames of another size: vectors are resampled linearly (averaged when shrinking) and scaled with
    /// the frame.
    public func resized(width: Int, height: Int, threads: Int = 0) -> FlowField {
        if width == self.width && height == self.height { return self }
        func scaled(_ component: [Float], by factor: Float) -> [Float] {
            var image = Image(width: self.width, height: self.height, channels: 1, samples: component)
            image.batchSize = batchSize
            var samples = image.resized(width: width, height: height, by: .linear, threads: threads).samples
            samples.withUnsafeMutableBufferPointer { samples in
                for index in samples.indices { samples[index] *= factor }
            }
            return samples
        }
        var result = FlowField(
            width: width, height: height, u: scaled(u, by: Float(width) / Float(self.width)),
            v: scaled(v, by: Float(height) / Float(self.height)))
        result.batchSize = batchSize
        return result
    }
}
