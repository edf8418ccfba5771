import CGStreamer

extension Pipeline {
    /// The elements behind a decoder that make its frames progressive, SDR and upright. ``completeUprightFrames()``
    /// completes them.
    ///
    /// - Parameters:
    ///   - deinterlacing: nil: frames are progressive.
    ///   - keepsHDR: whether HDR frames stay as they are.
    ///   - direction: how frames are turned to be upright, as `videoflip` names it.
    package static func uprightFrames(
        deinterlacing: Deinterlacing?, keepsHDR: Bool = false, direction: String
    ) -> String {
        let deinterlacer = deinterlacing.map { "\($0.element) ! " } ?? ""
        let toneMapping = keepsHDR ? "" : " ! pentimentosdr name=sdr ! identity name=toned"
        return "\(deinterlacer)videoconvert\(toneMapping) ! videoflip video-direction=\(direction)"
    }

    package func completeUprightFrames() { markToneMappedColors(at: "toned") }
}
