/// What a person drives while the painting plays. The page, HTTP, OSC, MIDI and cues all change this one value.
package struct StudioState: Codable, Equatable, Sendable {
    /// Name of a style, as `pentimento models list` shows it.
    package var style = "scream"
    /// Style that is blended into `style`, of the same model; empty: none.
    package var secondStyle = ""
    /// Share of `secondStyle`, 0 to 1.
    package var blend = 0.0
    /// Blend between input (0) and painting (1).
    package var strength = 1.0
    /// Bias on the gate, -4 to 4: steadier above 0, livelier below.
    package var coherence = 0.0
    /// Seconds that a change of style takes, 0 to 60.
    package var fade = 0.5
    /// Whether the colors of the input are kept.
    package var preserveColor = false
    /// Size of the strokes over that of training, 0.5 to 2.
    package var brush = 1.0
    /// Whether the input is shown as it is, at once: for emergencies.
    package var isOriginal = false
    /// Whether a recording runs.
    package var isRecording = false
    /// Name of the picture that says where to paint, one of the painting's masks; empty: everywhere.
    package var mask = ""
    /// Whether the mask counts.
    package var isMasked = true
    /// Whether it is painted where the mask is black.
    package var invertMask = false
    /// Tempo: beats a minute, 30 to 300.
    package var bpm = 120.0

    package init() {}
}

/// The painting that plays, as those who drive it see it. Implemented by the pipeline; tests have a stand-in.
package protocol LivePainting: Sendable {
    /// Applies a state that has been checked. Seen within two frames that are painted; never blocks for longer than a
    /// frame.
    func apply(_ state: StudioState)
    /// The styles that can be chosen.
    var styles: [StudioStyle] { get }
    /// Names of the masks that can be chosen.
    var masks: [String] { get }
    /// JPEG pictures of the painting, at most `width` pixels wide and `rate` a second, as long as the stream is read.
    /// Costs nothing otherwise.
    func previews(width: Int, rate: Int) -> AsyncStream<[UInt8]>
    /// The current input painted in a style, as a JPEG of at most `width` pixels. One at a time, at low priority.
    func thumbnail(of style: String, width: Int) async throws -> [UInt8]
    /// Writes the next painted frame as a PNG. - Returns: its path.
    func snapshot() async throws -> String
    /// What was measured over the last second.
    var statistics: LiveStatistics { get }
}

extension LivePainting {
    package var masks: [String] { [] }
}

/// A style that can be chosen.
package struct StudioStyle: Codable, Equatable, Sendable {
    package var name: String
    /// The model that holds it: styles of one model can be blended.
    package var model: String
    /// Title and painter of the painting, if the model says them.
    package var title: String

    package init(name: String, model: String, title: String) {
        (self.name, self.model, self.title) = (name, model, title)
    }
}

/// How the painting goes.
package struct LiveStatistics: Codable, Equatable, Sendable {
    /// Frames a second that came out.
    package var frameRate = 0.0
    /// Seconds from input to output, of the last frame.
    package var delay = 0.0
    /// Frames dropped since the start.
    package var dropped = 0
    /// What is wrong at present, such as a camera that was unplugged; empty: nothing.
    package var trouble = ""

    package init() {}
}
