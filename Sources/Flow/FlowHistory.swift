import Imaging

/// The pyramids of the latest frames, back to the farthest reference.
package struct FlowHistory {
    /// The settings that pyramids depend on. Pyramids of other settings are rebuilt when they are needed.
    package struct Settings: Equatable {
        package var preset: FlowPreset
        /// Resolution of the flow relative to the frame's, above 0 to 1.
        package var scale: Double

        package init(preset: FlowPreset, scale: Double) {
            self.preset = preset
            self.scale = scale
        }
    }

    package init() {}

    /// Maximum number of pixels at which flow is computed unless a scale is given: that of 960x540.
    private static let mostPixels = 960.0 * 540

    /// The resolution of the flow relative to frames of a size.
    ///
    /// - Parameter wanted: a fraction, at least 0.1; 0: as large as ``mostPixels`` allows.
    package static func scale(_ wanted: Double, width: Int, height: Int) -> Double {
        guard wanted <= 0 else { return max(wanted, 0.1) }
        return min(1, (mostPixels / Double(max(width * height, 1))).squareRoot())
    }

    private struct Entry {
        let luma: Plane<UInt8>
        /// One for each image of the batch.
        var pyramids: [FlowPyramid]
        var settings: Settings
    }

    /// The latest frame first.
    private var entries: [Entry] = []

    /// Removes every frame.
    package mutating func clear() { entries.removeAll() }

    /// Stores a frame and keeps at most `limit` frames in all.
    package mutating func append(_ luma: Plane<UInt8>, pyramids: [FlowPyramid], settings: Settings, limit: Int) {
        entries.insert(Entry(luma: luma, pyramids: pyramids, settings: settings), at: 0)
        if entries.count > limit { entries.removeLast(entries.count - limit) }
    }

    /// The pyramids of the frame `distance` before the next one to be appended; nil if there is none.
    package mutating func pyramids(distance: Int, settings: Settings, by estimator: FlowEstimator) -> [FlowPyramid]? {
        guard entries.indices.contains(distance - 1) else { return nil }
        if entries[distance - 1].settings != settings {
            entries[distance - 1].pyramids = FlowHistory.prepare(entries[distance - 1].luma, settings, by: estimator)
            entries[distance - 1].settings = settings
        }
        return entries[distance - 1].pyramids
    }

    /// The pyramids of each image of a batch, at the scale of the settings.
    package static func prepare(_ luma: Plane<UInt8>, _ settings: Settings, by estimator: FlowEstimator)
        -> [FlowPyramid]
    {
        luma.images.map { estimator.prepare($0.scaled(by: settings.scale)) }
    }
}

extension Plane where Value == UInt8 {
    /// The plane scaled by a factor of at most 1, to at least 1 x 1 pixels.
    fileprivate func scaled(by scale: Double) -> Plane<UInt8> {
        guard scale < 1 else { return self }
        let target = (
            width: max(Int((Double(width) * scale).rounded()), 1),
            height: max(Int((Double(height) * scale).rounded()), 1)
        )
        let image = Image(width: width, height: height, channels: 1, samples: values.map(Float.init))
            .resized(width: target.width, height: target.height, by: .linear)
        return Plane(
            width: target.width, height: target.height,
            values: image.samples.map { UInt8(max(0, min(255, $0.rounded()))) })
    }
}
