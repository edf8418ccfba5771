import CAVFormat

/// Layouts of channels that encoders may take.
enum SoundLayouts {
    /// What players know: Opus takes no 2.1, AAC has codes of its own for these.
    private static let usual = ["mono", "stereo", "3.0", "4.0", "quad", "5.0", "5.1", "6.1", "7.1"]

    /// The layouts in which sound may be encoded, the best first: its own, another of as many channels, or stereo.
    static func candidates(for layout: AVChannelLayout) -> [AVChannelLayout] {
        let usual = usual.compactMap(Self.named)
        let own = usual.filter { isSame($0, layout) }
        let alike = usual.filter { $0.nb_channels == layout.nb_channels }
        // One that is described by a list is not copied so simply.
        let unusual = layout.order == AV_CHANNEL_ORDER_NATIVE ? [layout] : []
        return own + alike + unusual + usual.filter { $0.nb_channels == 2 }
    }

    private static func named(_ name: String) -> AVChannelLayout? {
        var layout = AVChannelLayout()
        return av_channel_layout_from_string(&layout, name) >= 0 ? layout : nil
    }

    private static func isSame(_ one: AVChannelLayout, _ other: AVChannelLayout) -> Bool {
        var (one, other) = (one, other)
        return av_channel_layout_compare(&one, &other) == 0
    }
}
