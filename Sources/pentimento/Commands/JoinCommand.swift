import ArgumentParser
import Conversions
import GStreamerKit
import GstPentimento
import MediaIO
import Shots
import Support

struct JoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Makes a film of the parts that several machines painted.",
        discussion: """
            Each shot of the list has to have its part, of the same film and the same settings. The frames are encoded once; \
            sounds, subtitles, chapters and tags are those of the film, as `stylize` takes them. The output appears when it is \
            complete.
            """)

    @Argument(help: "The list of shots, such as film.shots.json.")
    var list: String

    @Option(help: "The parts: a folder, or a pattern such as parts/part-%05d.mkv.")
    var parts: String

    @Option(name: .shortAndLong, help: "The video to write.")
    var output: String

    @Option(help: "The film. (default: the file of the list, beside it)")
    var film: String?

    @OptionGroup var options: JoinOptions

    @Option(Stylize.threads) var threads

    @OptionGroup var common: CommonOptions

    func run() throws {
        try Pentimento.startElements()
        Interrupt.listen()
        let shots = try ShotFailure.list(list)
        let path = film ?? filmBesideList(shots.film.file)
        guard film != nil || Files.exists(path) else {
            throw MediaError("\(path): no such file; the film is not beside its list, so name it by --film")
        }
        try FilmCheck.check(path, is: shots.film, list: list)
        let found = try PartFiles(shots, at: list, in: parts, film: path)
        let input = try MediaInput(path)
        let sequence = try PartSequence(found.entries)
        let conversion = try Conversion(
            joining: sequence, of: input, to: output, settings: try settings(found))
        conversion.onWarning { Terminal.write("pentimento: \($0)", to: .error) }
        let began = Terminal.now
        let frames = try encode(conversion, sequence)
        for note in conversion.notes { Terminal.write("pentimento: \(note)", to: .error) }
        let report = Report(
            film: path, output: output, shots: shots.shots.count, frames: frames, seconds: Terminal.now - began)
        if common.json { try printJSON(report) } else { Terminal.write(report.line, to: .output) }
    }

    private func filmBesideList(_ name: String) -> String {
        list.lastIndex(of: "/").map { String(list[...$0]) + name } ?? name
    }

    private func settings(_ parts: PartFiles) throws -> Conversion.Settings {
        var settings = Conversion.Settings()
        options.apply(to: &settings)
        settings.threads = threads.value
        settings.replacing = common.force
        settings.keepsHDR = parts.tags.isHDR
        if parts.tags.painting == CutOptions.Painting.sphere.rawValue {
            settings.spherical = try SphericalMetadata.read(ofFirstFileIn: MediaInput(parts.first.path))
            settings.keepsProjection = false
        }
        return settings
    }

    private func encode(_ conversion: Conversion, _ parts: PartSequence) throws -> Int {
        do {
            return try common.showingProgress(total: parts.frameCount) { poll in
                try conversion.run { poll($0.frames) }.frames
            }
        } catch {
            guard Interrupt.received == nil, let problem = parts.problem else { throw error }
            throw ShotFailure(.decoding, problem)
        }
    }

    private struct Report: Encodable {
        let film: String
        let output: String
        let shots: Int
        let frames: Int
        let seconds: Double

        var line: String {
            "\(output): \(frames) frames of \(shots == 1 ? "1 shot" : "\(shots) shots") in \(decimal(seconds, 1)) s"
        }
    }
}
