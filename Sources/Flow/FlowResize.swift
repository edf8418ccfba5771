import Imaging

extension FlowField {
    /// The flow for frames of another size: its vectors resampled linearly (averaged where it shrinks) and scaled with
    /// the frame.
    public func resized(width: Int, height: Int, threads: Int = 0) -> FlowField {
        if width == self.width && height == self.height { return self }
        let horizontal = scaled(u, by: Float(width) / Float(self.width), width: width, height: height, threads: threads)
        let vertical = scaled(v, by: Float(height) / Float(self.height), width: width, height: height, threads: threads)
        return FlowField(width: width, height: height, u: horizontal, v: vertical)
    }

    private func scaled(_ component: [Float], by factor: Float, width: Int, height: Int, threads: Int) -> [Float] {
        let plane = Image(width: self.width, height: self.height, channels: 1, samples: component)
        return plane.resized(width: width, height: height, by: .linear, threads: threads).samples.map { $0 * factor }
    }
}
