import ArgumentParser
import Imaging
import MediaIO
import Support

struct ViewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Makes a web page to look around in 360-degree images and videos.",
        discussion: """
            The page is a single file that includes the media and works without a web server. Drag or use the arrow keys to look \
            around; + and - zoom, n and p go to the next and the previous edge of the cube, e draws the edges, c shows the next \
            input, the space bar pauses a video, m switches its sound.
            """)

    @Argument(help: "One or more equirectangular images or videos (.jpg, .png, .webp, .mp4, .webm).")
    var inputs: [String]

    @Option(name: .shortAndLong, help: "The page to write (.html).")
    var output: String

    @Option(help: "Path of the three.js library as a single script. (default: that of the package libjs-three)")
    var three: String?

    @Flag(help: "Replace the output if it exists.")
    var force = false

    func run() throws {
        let script = try Self.script(three)
        let media = try inputs.map { path in
            try WebPage.element(holding: path, data: [("name", fileName(of: path))])
        }
        let title = WebPage.escaped(inputs.first.map(fileName) ?? "")
        let page = WebPage.filled(
            PackageResources.SphereViewer_html,
            [("{{title}}", title), ("{{three}}", script), ("{{media}}", media.joined(separator: "\n"))])
        try WholeFile.write(page, to: output, replacing: force)
        Terminal.write("\(output): open it with a browser", to: .output)
    }

    private static func script(_ path: String?) throws -> String {
        let candidates = [
            "/usr/share/javascript/three/three.min.js", "/usr/share/javascript/three/three.js",
            "/usr/share/nodejs/three/build/three.min.js",
        ]
        guard let path = path ?? candidates.first(where: Files.exists) else {
            throw MediaError(
                "three.js: not found; sudo apt install libjs-three, or name its file by --three three.min.js")
        }
        let text = String(decoding: try Files.read(path, limit: 1 << 24), as: UTF8.self)
        guard !text.contains("</script") else { throw MediaError("\(path): is a page, not a script") }
        return text
    }
}
