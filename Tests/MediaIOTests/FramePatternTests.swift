import MediaIO
import Testing

@Suite struct FramePatternTests {
    /// The file that a text names if it is no pattern, and a text for a file whose name reads like one.
    @Test(
        arguments: [
            // text, file or nil for a pattern
            ("frame_%04d.png", nil), ("%d", nil), ("100%%_%d.png", nil), ("a.png", "a.png"), ("100%.png", "100%.png"),
            ("100%%.png", "100%%.png"), ("50%%d.png", "50%d.png"), ("50%%04d.png", "50%04d.png"),
            ("%%d/%%.png", "%d/%.png"), ("%%%%d.png", "%%d.png"), ("%d_%d.png", "%d_%d.png"), ("%s%%d", "%s%d"),
        ] as [(String, String?)])
    func percentSigns(text: String, file: String?) throws {
        #expect((FramePattern(text) == nil) == (file != nil))
        guard let file else { return }
        #expect(FramePattern.literal(text) == file)
        let escaped = FramePattern.escaped(file)
        #expect(FramePattern(escaped) == nil)
        #expect(FramePattern.literal(escaped) == file)
    }
}
