import Imaging

extension FlowField {
    /// The flow for frames of another size: vectors are resampled linearly (averaged when shrinking) and scaled with
    /// the frame.
    ///
    /// - Parameter parts: number of images in a batch of stacked images.
    public func resized(width: Int, height: Int, parts: Int = 1, threads: Int = 0) -> FlowField {
        if width == self.width && height == self.height { return self }
        func scaled(_ component: [Float], by factor: Float) -> [Float] {
            Image(width: self.width, height: self.height, channels: 1, samples: component)
                .resized(width: width, height: height, parts: parts, by: .linear, threads: threads)
                .samples.map { $0 * factor }
        }
        return FlowField(
            width: width, height: height, u: scaled(u, by: Float(width) / Float(self.width)),
            v: scaled(v, by: Float(height) / Float(self.height)))
    }
}
