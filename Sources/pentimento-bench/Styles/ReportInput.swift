import CGStreamer
import Conversions
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

/// What the measures of styles work on: the command line's options, models and pictures.
struct ReportInput {
    let width: Int
    let height: Int
    let threads: Int
    let isJSON: Bool
    /// Further options by name, without dashes.
    let options: [String: String]
    let styles: [MeasuredStyle]

    init(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var models: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                models.append(argument)
                continue
            }
            let isFlag = argument == "--json"
            guard let value = isFlag ? "" : rest.popFirst() else { throw BenchmarkError("\(argument) needs a value") }
            options[String(argument.dropFirst(2))] = value
        }
        let size = (options["size"] ?? "640x360").split(separator: "x").compactMap { Int($0) }
        guard size.count == 2, size.allSatisfy({ $0 > 0 }) else { throw BenchmarkError("a size is WIDTHxHEIGHT") }
        (width, height) = (size[0], size[1])
        threads = Int(options["threads"] ?? "0") ?? 0
        isJSON = options["json"] != nil
        let paintings = options["style"]?.split(separator: ",").map(String.init) ?? []
        guard !models.isEmpty, paintings.count == 1 || paintings.count == models.count else {
            throw BenchmarkError("usage: style-report \(StyleReport.usage); one painting, or one for each model")
        }
        gst_init(nil, nil)
        let threads = threads
        styles = try zip(models, models.indices).map { name, index in
            try MeasuredStyle(
                name: name, painting: paintings[paintings.count == 1 ? 0 : index], threads: threads)
        }
        self.options = options
    }

    /// An option's items, separated by commas; nil: not given.
    func list(_ option: String) -> [String]? {
        options[option]?.split(separator: ",").map(String.init)
    }

    /// An option's number, 1 or more.
    func number(_ option: String, default value: Int) throws -> Int {
        guard let text = options[option] else { return value }
        guard let number = Int(text), number > 0 else { throw BenchmarkError("--\(option) is 1 or more, not \(text)") }
        return number
    }

    func lossNetwork() throws -> LossNetworkWeights {
        let path = try ModelLibrary.standard.lossNetworkPath(of: options["network"] ?? "vgg16")
        return try LossNetworkFile(contentsOf: path).weights
    }

    /// The pictures, in picture space: `--count` of the folder's files, evenly spaced by name.
    ///
    /// - Parameter margin: pixels by which they are larger than the frames.
    /// - Throws: ``MissingInput`` if no folder was given.
    func pictures(margin: Int = 0) throws -> [Image] {
        guard let folder = options["pictures"] else { throw MissingInput(option: "pictures") }
        let files = Files.names(in: folder)
        guard !files.isEmpty else { throw BenchmarkError("\(folder): has no pictures") }
        let count = min(try number("count", default: 4), files.count)
        return try (0..<count).map { index in
            try Image(contentsOf: "\(folder)/\(files[index * files.count / count])", over: 127, takesFirstFrame: true)
                .fitted(width: width + margin, height: height + margin)
        }
    }

    /// The first `--frames` frames of each clip, in picture space, at the requested size.
    ///
    /// - Throws: ``MissingInput`` if no clip was given.
    func clips() throws -> [(name: String, frames: [Image])] {
        guard let paths = list("clips") else { throw MissingInput(option: "clips") }
        let limit = try number("frames", default: 60)
        return try paths.map { path in
            let reader = try FrameReader(path)
            var frames: [Image] = []
            while frames.count < limit, let frame = try reader.next() {
                frames.append(frame.image.fitted(width: width, height: height))
            }
            guard frames.count > 1 else { throw BenchmarkError("\(path): has one frame") }
            let parts = path.split(separator: "/")
            let isSequence = path.contains("%")
            return (String(parts.dropLast(isSequence && parts.count > 1 ? 1 : 0).last ?? ""), frames)
        }
    }
}

extension Image {
    /// The largest part of this shape around the centre, resized.
    func fitted(width: Int, height: Int) -> Image {
        let ratio = min(Double(self.width) / Double(width), Double(self.height) / Double(height))
        let (across, down) = (
            max(1, min(self.width, Int((Double(width) * ratio).rounded()))),
            max(1, min(self.height, Int((Double(height) * ratio).rounded())))
        )
        return cropped(x: (self.width - across) / 2, y: (self.height - down) / 2, width: across, height: down)
            .resized(width: width, height: height)
    }
}
