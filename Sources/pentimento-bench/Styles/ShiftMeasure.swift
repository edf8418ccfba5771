import Evaluation
import Imaging

/// Whether strokes stick to the scene without a prior: the change of the output when the frame moves by up to 3 pixels
/// right and down, apart from its place, inside a border of 16 pixels (`shiftError`; paper, figure 3). The mean absolute
/// difference, of 255, over all pictures.
struct ShiftMeasure: StyleMeasure {
    private static let largest = 3

    private let pictures: [Image]

    init(_ input: ReportInput) throws { pictures = try input.pictures(margin: Self.largest) }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        let network = try style.network(
            width: pictures[0].width - Self.largest, height: pictures[0].height - Self.largest)
        let errors = try pictures.map { picture in
            try shiftError(of: picture.networkSpace(), largest: Self.largest) { try network.run(frame: $0).shown }
        }
        return [Reading("difference", errors.mean)]
    }
}
