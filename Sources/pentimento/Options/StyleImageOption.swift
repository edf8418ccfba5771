import ArgumentParser
import Imaging
import Support

/// A style image with its weight: `PATH` or `PATH:WEIGHT`.
struct StyleImageOption: ExpressibleByArgument {
    let path: String
    let weight: Double

    /// The text after the last colon is the weight, unless a file with the whole name exists.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), colon != argument.startIndex, !Files.exists(argument),
            let weight = Double(argument[argument.index(after: colon)...])
        else {
            guard !argument.isEmpty else { return nil }
            (path, weight) = (argument, 1)
            return
        }
        guard weight > 0, weight.isFinite else { return nil }
        self.path = String(argument[..<colon])
        self.weight = weight
    }

    /// The path, escaped for the property `style-images` of `styleoptimize`.
    var listed: String {
        path.reduce(into: "") { text, character in
            if character == "\\" || character == "," || character == " " { text.append("\\") }
            text.append(character)
        }
    }
}
