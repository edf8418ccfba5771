import Evaluation
import Imaging
import Reproduction
import Style

/// Whether a still scene stays still: a photograph for 300 frames through the whole chain. The mean absolute difference of
/// the last frame from the first, of 255, over all pictures.
struct StillMeasure: StyleMeasure {
    private static let frameCount = 300

    private let pictures: [Image]
    private let threads: Int

    init(_ input: ReportInput) throws {
        pictures = try input.pictures()
        threads = input.threads
    }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        guard style.takesPrior else { return Reading.perFrame }
        let differences = try pictures.map { picture in
            let settings = CoherentStylizer.Settings(style: StyleRequest(model: style.path, threads: threads))
            let stylizer = try CoherentStylizer(settings)
            func painted(_ index: Int) throws -> Image {
                // Its memory has to live until the frame is painted.
                let frame = FrameMemory(picture)
                return try withExtendedLifetime(frame) {
                    try stylizer.stylize(frame.pixels, time: Double(index) / 25).output.shown
                }
            }
            let first = try painted(0)
            for index in 1..<Self.frameCount - 1 { _ = try painted(index) }
            return try meanAbsoluteDifference(of: painted(Self.frameCount - 1), from: first)
        }
        return [Reading("difference after \(Self.frameCount) frames", differences.mean)]
    }
}
