import ArgumentParser
import Imaging
import MediaIO
import NeuralNet
import Style
import Training

/// The style images and the facts about the painting, which are stored in the model for credits.
struct PaintingOptions: ParsableArguments {
    @Option(name: .customLong("style-image"), help: "A style image, PATH or PATH:WEIGHT; may be repeated.")
    var styleImages: [StyleImageOption] = []

    @Option(help: "Name of the style. (default: the output's file name)")
    var name: String?

    @Option(help: "Title of the painting; with --separate-styles once for each.")
    var title: [String] = []

    @Option(help: "Painter; with --separate-styles once for each.")
    var painter: [String] = []

    @Option(help: "Year of the painting; with --separate-styles once for each.")
    var year: [String] = []

    @Option(help: "Source of the style image; with --separate-styles once for each.")
    var source: [String] = []

    @Option(help: "License of the trained model.")
    var license: String?

    func validate() throws {
        guard !styleImages.isEmpty else {
            throw ValidationError("--style-image names the painting, such as --style-image painting.jpg")
        }
    }

    /// Name of each style image: its file's, without folder and extension. `#`, `,` and `:` separate styles elsewhere.
    var names: [String] {
        styleImages.map { image in
            let file = image.path.split(separator: "/").last.map(String.init) ?? image.path
            let name = file.lastIndex(of: ".").map { file[..<$0] } ?? file[...]
            return String(name.map { "#,:".contains($0) ? "-" : $0 })
        }
    }

    /// Facts about each painting for the model's metadata.
    var facts: [[String: String]] {
        let facts = ["title": title, "painter": painter, "year": year, "source": source]
        return styleImages.indices.map { index in
            facts.compactMapValues { $0.indices.contains(index) ? $0[index] : nil }.filter { !$0.value.isEmpty }
        }
    }
}

extension PaintingOptions {
    /// Maximum of a style image's longer side in pixels; larger images are scaled down when loaded.
    private static let longestSide = 4096.0

    /// The style images in network space.
    func images() throws -> [StyleImage] {
        try styleImages.map { painting in
            let image = try Image(contentsOf: painting.path, over: 255)
            let factor = min(1, Self.longestSide / Double(max(image.width, image.height)))
            let fitting = image.resized(
                width: max(1, Int((Double(image.width) * factor).rounded())),
                height: max(1, Int((Double(image.height) * factor).rounded())))
            return StyleImage(image: fitting.networkSpace(), weight: painting.weight)
        }
    }
}
