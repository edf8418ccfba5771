import Foundation
import TestSupport

/// Films with cuts, made by ffmpeg, and what is done with their shots.
struct ShotFilm {
    let shop: Workshop
    let path: String
    var list: String { shop.path("film.shots.json") }
    var pattern: String { shop.path("part-%05d.mkv") }
    /// Variables of the programs, as `env` takes them.
    var environment: [String] = []

    /// How a film is encoded.
    enum Encoding: String, CaseIterable {
        /// H.264 with B-frames and closed groups, in MP4.
        case plain
        /// H.264 with B-frames and open groups, of a variable rate, in Matroska.
        case openVarying
        /// HEVC with open groups, in MP4.
        case openHEVC
    }

    /// A film of four scenes of different lengths, with a tone.
    init(_ shop: Workshop, _ encoding: Encoding = .plain, size: String = "96x64") throws {
        self.shop = shop
        path = shop.path(encoding == .openVarying ? "film.mkv" : "film.mp4")
        let scenes = [("testsrc2", 0.5), ("mandelbrot", 0.7), ("testsrc=decimals=2", 0.3), ("rgbtestsrc", 0.5)]
        let sources = scenes.enumerated().map { index, scene in
            let mark = scene.0.contains("=") ? ":" : "="
            // Noise is texture that moves with no scene.
            return "\(scene.0)\(mark)s=\(size):r=25,trim=duration=\(scene.1),"
                + "noise=c0s=\(12 * index + 10):c0_seed=\(index + 1),format=yuv420p,setsar=1[v\(index)]"
        }
        let joined = scenes.indices.map { "[v\($0)]" }.joined() + "concat=n=\(scenes.count):v=1:a=0"
        let varying = encoding == .openVarying ? ",select='not(eq(mod(n,3),1))'" : ""
        let coder =
            switch encoding {
            case .plain: ["-c:v", "libx264", "-bf", "3", "-g", "12"]
            case .openVarying: ["-c:v", "libx264", "-bf", "3", "-g", "10", "-x264-params", "open-gop=1:scenecut=0"]
            case .openHEVC:
                [
                    "-c:v", "libx265", "-x265-params", "open-gop=1:keyint=10:min-keyint=10:scenecut=0:log-level=none",
                    "-tag:v", "hvc1",
                ]
            }
        let outcome = try Program.run(
            "/usr/bin/env",
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=2"]
                + ["-filter_complex", "\(sources.joined(separator: ";"));\(joined)\(varying)[film]"]
                + ["-map", "[film]", "-map", "0:a", "-vsync", "vfr", "-c:a", "aac"] + coder + [path])
        guard outcome.status == 0 else { throw Failure(text: outcome.errors) }
    }

    /// A film that is there.
    init(_ shop: Workshop, at path: String) { (self.shop, self.path) = (shop, path) }

    struct Failure: Error { let text: String }

    @discardableResult
    func run(_ arguments: [String], status: Int32 = 0) throws -> Outcome {
        let outcome = try Program.run("/usr/bin/env", environment + [Program.pentimento] + arguments)
        guard outcome.status == status else {
            throw Failure(text: "\(arguments.joined(separator: " ")): \(outcome.status): \(outcome.errors)")
        }
        return outcome
    }

    /// Writes the list.
    @discardableResult
    func find(_ options: [String] = []) throws -> Content {
        try run(["shots", path, "-o", list, "--force"] + options)
        return try content()
    }

    /// The list, as another reader of JSON has it.
    struct Content: Decodable {
        struct Shot: Decodable {
            let shot, first, frames, preroll: Int
            let start, end: Double
        }
        struct Film: Decodable {
            let bytes, frames: Int
            let sha256: String
        }
        let format: String
        let film: Film
        let shots: [Shot]
    }

    func content() throws -> Content {
        try JSONDecoder().decode(Content.self, from: Data(contentsOf: URL(fileURLWithPath: list)))
    }

    /// Starts the painting of a shot.
    func paint(_ command: [String], shot: Int) throws -> ChildProcess {
        try Program.start(
            "/usr/bin/env", environment + [Program.pentimento] + painting(command, shot: shot))
    }

    func painting(_ command: [String], shot: Int) -> [String] {
        [command[0], path, "--shots", list, "--shot", "\(shot)", "-o", pattern] + command.dropFirst()
    }

    /// Paints all shots, the last one first, by two processes at a time.
    func paintAll(_ command: [String]) throws {
        for pair in try content().shots.map(\.shot).reversed().chunked(by: 2) {
            let processes = try pair.map { try paint(command, shot: $0) }
            for process in processes {
                guard process.wait() == .exited(0) else { throw Failure(text: "\(pair): \(process.errors)") }
            }
        }
    }

    func join(_ output: String, _ options: [String] = []) throws {
        try run(["join", list, "--film", path, "--parts", pattern, "-o", output] + options)
    }

    /// All that is to be the same in a film that is painted whole and by shots: each frame's time, duration and digest,
    /// the encoded pictures, and the sound.
    static func digests(of path: String) throws -> [String] {
        [
            try Workshop.frameDigests(of: path),
            try Program.peer("ffmpeg", "-i", path, "-map", "0:v", "-c", "copy", "-f", "md5", "-"),
            try Program.peer(
                "ffprobe", "-show_entries", "packet=stream_index,pts,duration", "-of", "csv=p=0", path),
            try Program.peer("ffmpeg", "-i", path, "-map", "0:a?", "-map", "0:v", "-c", "copy", "-f", "md5", "-"),
        ]
    }
}

extension Collection {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        var rest = Array(self)
        var chunks: [[Element]] = []
        while !rest.isEmpty {
            chunks.append(Array(rest.prefix(size)))
            rest = Array(rest.dropFirst(size))
        }
        return chunks
    }
}
