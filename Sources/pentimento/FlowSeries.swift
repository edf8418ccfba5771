import Conversions
import Flow
import GstPentimento
import Imaging
import MediaIO
import Support

/// The flow from each frame of a video, or a series of images, to the next one, and back.
struct FlowSeries {
    private let input: String
    private let frames: FrameSeries
    private let outputs: [Output]
    private let estimator: FlowEstimator
    private let replacing: Bool
    /// Removed again if nothing comes into them.
    private let folders: [OutputFolder]

    /// Files of one kind.
    private struct Output {
        enum Kind { case flow, reverse, drawing }

        let kind: Kind
        let names: FlowNames

        /// The file for a frame, counted from 1, and the next.
        func path(_ frame: Int) -> String {
            kind == .reverse ? names.path(from: frame + 1, to: frame) : names.path(from: frame, to: frame + 1)
        }
    }

    /// - Parameters:
    ///   - input: a video, a pattern of frames, or a folder of images.
    ///   - output: a pattern or a folder; nil for those of other kinds that are not asked for.
    ///   - replacing: whether outputs that exist may be replaced.
    /// - Throws: if the input cannot be read, an output is no pattern, or cannot be written.
    init(
        of input: String, to output: String, reverse: String?, drawings: String?, estimator: FlowEstimator,
        replacing: Bool
    ) throws {
        self.input = input
        self.estimator = estimator
        self.replacing = replacing
        frames = try FrameSeries(input)
        let asked: [(Output.Kind, String?, String)] = [
            (.flow, output, "forward_[%d]_{%d}.flo"), (.reverse, reverse, "backward_[%d]_{%d}.flo"),
            (.drawing, drawings, "flow_%04d.png"),
        ]
        let given = asked.compactMap { kind, text, usual in text.map { (kind, $0, usual) } }
        outputs = try given.map { Output(kind: $0, names: try FlowNames($1, inFolder: $2)) }
        Interrupt.listen()
        folders = try given.filter { ConversionPlan.isFolder($0.1) }.map { try OutputFolder($0.1) }
        try ReservedOutputs.checkDistinct(outputs.flatMap { [$0.path(1), $0.path(2)] })
        try ReservedOutputs(outputs.map { $0.path(1) }, replacing: replacing).release()
        let count = frames.count ?? 2
        for path in (1..<max(count, 2)).flatMap({ frame in outputs.map { $0.path(frame) } })
        where !replacing && Files.isThere(path) {
            throw MediaError("\(path): exists already; --force replaces it")
        }
    }

    /// Writes all flows, and prints how many.
    ///
    /// - Throws: if a frame cannot be read or has another size, there is only one, or a signal comes. Files that were
    ///   finished before stay.
    func write() throws {
        let began = Terminal.now
        var bar = ProgressBar(total: frames.count.map { $0 - 1 })
        defer { bar.clear() }
        let count = try Interrupt.guarding {
            guard let first = try frames.next() else { throw MediaError("\(input): has no frame") }
            var earlier = estimator.prepare(first.luma())
            var frame = 1
            while let image = try frames.next() {
                guard image.width == first.width, image.height == first.height else {
                    throw MediaError(
                        "\(input): frame \(frame + 1) is \(image.width) x \(image.height), the first is \(first.width) x "
                            + "\(first.height); flow needs one size")
                }
                let later = estimator.prepare(image.luma())
                try write(estimator.estimate(from: earlier, to: later), frame)
                earlier = later
                bar.show(frame)
                frame += 1
            }
            return frame
        }
        guard count > 1 else { throw MediaError("\(input): has one frame only; flow needs two") }
        bar.finish(count - 1)
        Terminal.write(
            "\(outputs[0].names.text): flow of \(count) frames in \(decimal(Terminal.now - began, 1)) s", to: .output)
    }

    private func write(_ pair: FlowPair, _ frame: Int) throws {
        // A flow that was cancelled is not complete.
        do { try Cancellation.check() } catch { throw MediaError("\(input): interrupted") }
        for output in outputs {
            let path = output.path(frame)
            switch output.kind {
            case .flow: try pair.backward.write(to: path, replacing: replacing)
            case .reverse: try pair.forward.write(to: path, replacing: replacing)
            case .drawing: try flowColors(pair.backward).write(to: path, replacing: replacing)
            }
        }
    }
}

/// The names of files for pairs of frames.
private struct FlowNames {
    /// The pattern.
    let text: String
    private let path: (_ from: Int, _ to: Int) -> String

    /// - Parameters:
    ///   - text: a pattern such as `[%d]_{%d}.flo` or `%04d.flo`, or a folder.
    ///   - usual: the pattern of the names in a folder.
    init(_ text: String, inFolder usual: String) throws {
        let isFolder = ConversionPlan.isFolder(text)
        self.text = isFolder ? (text.hasSuffix("/") ? text : text + "/") + usual : text
        if let pattern = FramePattern(self.text) {
            path = { from, _ in pattern.path(from) }
        } else {
            let pattern = try FlowFilePattern(self.text)
            path = { pattern.path(from: $0, to: $1) }
        }
    }

    /// The path of the file from one frame to another.
    func path(from: Int, to: Int) -> String { path(from, to) }
}

/// The frames of a video, or the images of a folder, one after the other.
private final class FrameSeries {
    /// The approximate number; nil if unknown.
    let count: Int?
    private let read: () throws -> Image?

    init(_ input: String) throws {
        guard Files.isFolder(input) else {
            let reader = try FrameReader(input)
            guard reader.input.kind != .still else {
                throw MediaError("\(input): is one image; name the image that the flow points to, too")
            }
            count = reader.input.frameCount
            read = { try reader.next()?.image }
            return
        }
        var rest = try images(in: input)[...]
        count = rest.count
        read = { try rest.popFirst().map { try Image(contentsOf: $0) } }
    }

    func next() throws -> Image? { try read() }
}
