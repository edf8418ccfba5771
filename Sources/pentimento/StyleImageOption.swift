import ArgumentParser
import Imaging
import Support

/// `PATH` or `PATH:WEIGHT`.
struct StyleImageOption: ExpressibleByArgument {
    let path: String
    let weight: Double

    /// What follows the last colon is a weight, unless there is a file of the whole name.
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

    /// The path as `style-images` of the element `styleoptimize` takes it in its list.
    var listed: String {
        path.reduce(into: "") { text, character in
            if character == "\\" || character == "," || character == " " { text.append("\\") }
            text.append(character)
        }
    }
}
