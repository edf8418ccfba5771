import ArgumentParser
import FoundationEssentials
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

    /// Maximum size of a media file in bytes; browsers keep several copies in memory.
    private static let largestMedia = 512 << 20

    func run() throws {
        let script = try Self.script(three)
        let media = try inputs.map { path -> String in
            let type = try Self.type(of: path)
            let data = Data(try Files.read(path, limit: Self.largestMedia)).base64EncodedString()
            let name = Self.escaped(path.split(separator: "/").last ?? "")
            return "<script type=\"\(type)\" data-name=\"\(name)\">\(data)</script>"
        }
        let title = Self.escaped(inputs.first?.split(separator: "/").last ?? "")
        // Each placeholder occurs once; inserted text is not searched again.
        var page: [UInt8] = []
        var rest = PackageResources.SphereViewer_html[...]
        for (mark, text) in [("{{title}}", title), ("{{three}}", script), ("{{media}}", media.joined(separator: "\n"))]
        {
            let parts = rest.split(separator: Array(mark.utf8), maxSplits: 1, omittingEmptySubsequences: false)
            page += Array(parts[0]) + Array(text.utf8)
            rest = parts.count == 2 ? parts[1] : []
        }
        try WholeFile.write(page + rest, to: output, replacing: force)
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

    /// The media type of a file.
    private static func type(of path: String) throws(MediaError) -> String {
        let types = [
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "mp4": "video/mp4",
            "m4v": "video/mp4", "mov": "video/mp4", "webm": "video/webm",
        ]
        guard let type = types[path.split(separator: ".").last?.lowercased() ?? ""] else {
            throw MediaError("\(path): browsers do not show this kind of file; use .jpg, .png, .mp4 or .webm")
        }
        return type
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"][$0] ?? String($0) }.joined()
    }
}
