import Imaging

/// The pyramids of the latest frames, back to the farthest reference.
package struct FlowHistory {
    /// What pyramids depend on. Pyramids of other settings are rebuilt when they are needed.
    package struct Settings: Equatable {
        package var preset: FlowPreset
        /// Size of an image's flow.
        package var width: Int
        package var height: Int

        /// - Parameters:
        ///   - scale: resolution of the flow relative to the image's, at least 0.1; 0: as large as `pixels` allows.
        ///   - pixels: maximum number of pixels with a scale of 0.
        ///   - width, height: of an image.
        package init(preset: FlowPreset, scale: Double, pixels: Int, width: Int, height: Int) {
            let scale =
                scale > 0
                ? max(scale, 0.1) : min(1, (Double(max(pixels, 1)) / Double(max(width * height, 1))).squareRoot())
            self.preset = preset
            self.width = max(Int((Double(width) * scale).rounded()), 1)
            self.height = max(Int((Double(height) * scale).rounded()), 1)
        }
    }

    package init() {}

    /// Number of pixels at which flow is computed unless a scale is given: of 960x540.
    package static let pixels = 960 * 540
    /// The same in live streams with the presets `medium` and `quality`: of 427x240.
    package static let livePixels = 427 * 240

    package static func pixels(_ preset: FlowPreset, isLive: Bool) -> Int {
        guard isLive else { return pixels }
        return preset == .medium || preset == .quality ? livePixels : 640 * 360
    }

    private struct Entry {
        /// One for each image of the batch, as are the pyramids.
        let luma: [Plane<UInt8>]
        var pyramids: [FlowPyramid]
        var settings: Settings
    }

    /// The latest frame first.
    private var entries: [Entry] = []

    /// Removes every frame.
    package mutating func clear() { entries.removeAll() }

    /// Stores a frame and keeps at most `limit` frames in all.
    ///
    /// - Parameters:
    ///   - luma: of each image of the batch, at the size of the flow.
    package mutating func append(_ luma: [Plane<UInt8>], pyramids: [FlowPyramid], settings: Settings, limit: Int) {
        entries.insert(Entry(luma: luma, pyramids: pyramids, settings: settings), at: 0)
        if entries.count > limit { entries.removeLast(entries.count - limit) }
    }

    /// The pyramids of the frame `distance` before the next one to be appended; nil if there is none.
    package mutating func pyramids(distance: Int, settings: Settings, by estimator: FlowEstimator) -> [FlowPyramid]? {
        guard entries.indices.contains(distance - 1) else { return nil }
        if entries[distance - 1].settings != settings {
            entries[distance - 1].pyramids = entries[distance - 1].luma.map {
                estimator.prepare($0.resized(width: settings.width, height: settings.height))
            }
            entries[distance - 1].settings = settings
        }
        return entries[distance - 1].pyramids
    }
}
