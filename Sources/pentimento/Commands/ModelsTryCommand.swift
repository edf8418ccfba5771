import ArgumentParser
import Conversions
import GstPentimento
import Imaging
import MediaIO
import Style

struct ModelsTryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "Draws a picture in every style, to choose one.",
        discussion: "Styles whose files are damaged are named and left out.")

    @Argument(help: "A picture; of a video, the first frame is taken.")
    var input: String

    @Option(name: .shortAndLong, help: "The image to write (.png).")
    var output: String

    @Option(name: .customLong("style"), help: "Name or path of a style to show; may be repeated. Default: all.")
    var styles: [String] = []

    @Option(parsing: .unconditional, help: "Number of pictures in a row.")
    var columns = 4

    @Flag(help: "Replace the image if it exists.")
    var force = false

    func validate() throws {
        guard (1...12).contains(columns) else { throw ValidationError("--columns is 1 to 12, not \(columns)") }
    }

    func run() throws {
        try Pentimento.startElements()
        let library = ModelLibrary.standard
        let names = try styles.isEmpty ? library.listModels().map(\.name) : styles.map(library.resolved)
        let reserved = try ReservedOutputs([output], replacing: force)
        var pictures = [(name: "original", frame: try painted("identity", by: nil))]
        var bar = ProgressBar(total: names.count)
        for (index, name) in names.enumerated() {
            do {
                pictures.append((name, try painted("stylize name=stylizer", by: name)))
            } catch  where styles.isEmpty && Interrupt.received == nil {
                bar.clear()
                Terminal.write("pentimento: \(name): left out: \(error)", to: .error)
            }
            if Interrupt.received != nil { throw MediaError("interrupted; \(output) was not written") }
            bar.show(index + 1)
        }
        bar.clear()
        let sheet = try ContactSheet(pictures, columns: columns).drawn()
        reserved.release()
        try sheet.write(to: output, replacing: force)
    }

    /// The picture after some elements.
    private func painted(_ elements: String, by style: String?) throws -> SmallImage {
        let reader = try FrameReader(try MediaInput(input), filter: elements)
        if let style { reader.set(Stylize.model.name, of: "stylizer", to: style) }
        guard let frame = try Interrupt.guarding({ try reader.next() }) else {
            throw MediaError("\(input): has no frame")
        }
        return SmallImage(frame.image)
    }
}
