import Conversions
import Flow
import Glibc
import Imaging
import MediaIO
import Style
import Training

/// Writes previews of a training run beside the model: held-out photographs in the current style (`NAME.preview.png`,
/// `NAME.preview.mp4`) and a plot of the losses (`NAME.losses.svg`). Each file is written atomically.
final class TrainPreview {
    /// The files that previews of a model are written to.
    struct Files {
        let sheet: String
        let clip: String
        let plot: String

        init(output: String) {
            let base = output.dropLast(".safetensors".count)
            sheet = "\(base).preview.png"
            clip = "\(base).preview.mp4"
            plot = "\(base).losses.svg"
        }

        var all: [String] { [sheet, clip, plot] }
    }

    private let files: Files
    private let interval: Double
    private let photographs: [Photograph]
    private var lastTime: Double
    private var isFirst = true
    private var hasFailed = false

    /// Frame size of the stills and the clip.
    private static let size = (width: 320, height: 240)
    private static let columns = 4
    private static let frameRate = 24
    private static let frames = 72

    /// - Parameters:
    ///   - photographs: held-out photographs.
    ///   - every: seconds between two updates; 0: no previews.
    init(output: String, photographs: [Photograph], every interval: Double) {
        files = Files(output: output)
        self.interval = interval
        self.photographs = photographs
        lastTime = Terminal.now
    }

    /// Whether the interval has passed. The first preview comes after at most 60 seconds.
    var isDue: Bool { interval > 0 && Terminal.now - lastTime > (isFirst ? min(60, interval) : interval) }

    /// Writes all files. A failure is reported once and does not stop the training.
    func update(_ trainer: Trainer, step: Int, model: String) {
        isFirst = false
        defer { lastTime = Terminal.now }
        guarded {
            try LossPlot(trainer).write(to: files.plot)
            guard !photographs.isEmpty else { return }
            let models = trainer.names.isEmpty ? [model] : trainer.names.map { "\(model)#\($0)" }
            try writeSheet(step, models, trainer.names)
            try writeClip(models[0])
        }
    }

    /// Writes the plot of the losses.
    func plot(_ trainer: Trainer) {
        guard interval > 0 else { return }
        guarded { try LossPlot(trainer).write(to: files.plot) }
    }

    private func guarded(_ body: () throws -> Void) {
        guard !hasFailed else { return }
        do { try body() } catch is Cancelled {
            // The training loop handles the cancellation.
        } catch  where Cancellation.isRequested {
            // Files that are written by a pipeline report it as an error of their own.
        } catch {
            hasFailed = true
            Terminal.write("pentimento: no more previews: \(error)", to: .error)
        }
    }

    /// - Parameters:
    ///   - models: one for each style.
    ///   - names: of the styles, if there are several.
    private func writeSheet(_ step: Int, _ models: [String], _ names: [String]) throws {
        let size = Self.size
        let originals = photographs.prefix(Self.columns).map { $0.middle(width: size.width, height: size.height) }
        var rows = [("held-out photographs", originals.map(SmallImage.init))]
        for (index, model) in models.enumerated() {
            let painter = try CoherentStylizer(.init(style: StyleRequest(model: model)))
            let painted = try originals.map { try painter.painted($0, time: 0, isDiscontinuous: true) }
            let name = names.isEmpty ? "" : "\(names[index]) "
            rows.append(("\(name)after \(step) steps", painted.map(SmallImage.init)))
        }
        let sheet = ContactSheet(rows: rows, columns: Array(originals.indices))
        let drawn = try sheet.drawn()
        try Cancellation.check()
        try drawn.write(to: files.sheet, replacing: true)
    }

    /// Writes a clip of a camera that pans over a photograph, the original to the left and the stylized frames to the
    /// right, with estimated motion.
    private func writeClip(_ model: String) throws {
        guard let photograph = photographs.first else { return }
        let (width, height) = Self.size
        let wide = photograph.middle(width: width * 5 / 4, height: height * 5 / 4)
        let painter = try CoherentStylizer(.init(style: StyleRequest(model: model)))
        let clip = try ClipWriter(
            files.clip, width: 2 * width, height: height, frameRate: Self.frameRate, quality: 70,
            replacing: true)
        for number in 0..<Self.frames {
            let frame = wide.window(width: width, height: height, at: Double(number) / Double(Self.frames))
            let time = Double(number) / Double(Self.frameRate)
            try clip.append(frame.beside(try painter.painted(frame, time: time, isDiscontinuous: number == 0)))
        }
        try Cancellation.check()
        try clip.finish()
    }
}

extension CoherentStylizer {
    /// The stylized frame; both in picture space.
    fileprivate func painted(_ frame: Image, time: Double, isDiscontinuous: Bool) throws -> Image {
        var bytes = [UInt8](repeating: 0, count: frame.pixelCount * 3)
        return try bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return frame }
            let pixels = PackedPixels(
                base: base, stride: frame.width * 3, width: frame.width, height: frame.height, layout: .rgb)
            pixels.store(picture: frame)
            try stylize(pixels, time: time, isDiscontinuous: isDiscontinuous)
            return pixels.pictureImage()
        }
    }
}

extension Photograph {
    /// The largest centred crop of this aspect ratio, scaled to this size, in picture space.
    func middle(width: Int, height: Int) -> Image {
        let scale = min(Double(self.width) / Double(width), Double(self.height) / Double(height))
        let cutWidth = max(1, min(self.width, Int(Double(width) * scale)))
        let cutHeight = max(1, min(self.height, Int(Double(height) * scale)))
        return cut(
            x: (self.width - cutWidth) / 2, y: (self.height - cutHeight) / 2, width: cutWidth, height: cutHeight
        ).resized(width: width, height: height).pictureSpace()
    }
}

extension Image {
    /// A window that moves once along an ellipse as `time` goes from 0 to 1, with sub-pixel positions.
    fileprivate func window(width: Int, height: Int, at time: Double) -> Image {
        // The whole image is warped so that the window lies in its upper left corner.
        let angle = 2 * Double.pi * time
        let left = Float(Double(self.width - width) * (0.5 + 0.5 * sin(angle)))
        let top = Float(Double(self.height - height) * (0.5 - 0.5 * cos(angle)))
        let flow = FlowField(
            width: self.width, height: self.height, u: Array(repeating: left, count: pixelCount),
            v: Array(repeating: top, count: pixelCount))
        return warped(by: flow, interpolation: .bicubic).cropped(x: 0, y: 0, width: width, height: height)
    }

    /// Two images of one size side by side.
    fileprivate func beside(_ other: Image) -> Image {
        Image(width: 2 * width, height: height) { samples in
            for (half, image) in [self, other].enumerated() {
                for row in 0..<3 * height {
                    for column in 0..<width {
                        samples[(2 * row + half) * width + column] = image.samples[row * width + column]
                    }
                }
            }
        }
    }
}
