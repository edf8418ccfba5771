import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// Videos with damage in them or cut short, compared with what ffmpeg decodes of them.
@Suite(.serialized) struct DamagedVideoTests {
    /// ffmpeg's options.
    static let damaged = [
        (name: "mjpeg.avi", options: "-c:v mjpeg"), (name: "mjpeg.mkv", options: "-c:v mjpeg"),
        (name: "ffv1.mkv", options: "-c:v ffv1"), (name: "h264.mp4", options: "-c:v libx264"),
        (name: "png.mov", options: "-c:v png"),
        (name: "prores.mov", options: "-c:v prores_ks"),
    ]

    private static let source = "-f lavfi -i testsrc2=size=96x64:rate=25:duration=2"

    /// The bytes of a video of 50 frames.
    private func video(_ name: String, _ options: String, in shop: Workshop) throws -> Data {
        _ = try Peer.run("ffmpeg", "\(Self.source) \(options)", [shop.path("whole-\(name)")])
        return try Data(contentsOf: URL(fileURLWithPath: shop.path("whole-\(name)")))
    }

    private func convert(_ path: String, _ settings: Conversion.Settings = .init()) throws -> Conversion {
        var settings = settings
        settings.replacing = true
        let conversion = try Conversion(
            MediaInput(path), to: "\(path).out.mkv", filter: "identity", settings: settings)
        _ = try conversion.run()
        return conversion
    }

    /// How many frames ffmpeg decodes.
    private func count(_ path: String) throws -> Int {
        let text = try Peer.text(
            "ffprobe", "-count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0", [path])
        return Int(text.prefix { $0.isNumber }) ?? -1
    }

    @Test(arguments: damaged.indices) func missingFramesAreCounted(index: Int) throws {
        let (name, options) = Self.damaged[index]
        let shop = try Workshop()
        var bytes = try video(name, options, in: shop)
        #expect(try convert(shop.path("whole-\(name)")).notes.isEmpty, "\(name)")
        let length = min(bytes.count / 8, 4000)
        bytes.replaceSubrange(bytes.count / 2..<bytes.count / 2 + length, with: Data(count: length))
        let path = shop.path(name)
        try bytes.write(to: URL(fileURLWithPath: path))
        let missing = 50 - (try count(path))
        try #require(missing > 0, "\(name): the damage does not show")
        let notes = try convert(path).notes
        #expect(try count("\(path).out.mkv") == 50 - missing, "\(name)")
        let words = "damaged: \(missing) of 50 frames \(missing == 1 ? "is" : "are") missing"
        #expect(
            notes.count == 1 && notes[0].hasPrefix("\(path): is ") && notes[0].hasSuffix(words), "\(name): \(notes)")
        // Frames that are not asked for are none that are missing.
        var settings = Conversion.Settings()
        settings.duration = 0.4
        #expect(try convert(path, settings).notes.isEmpty, "\(name)")
    }

    static let cut = [
        (name: "huffyuv.avi", options: "-c:v huffyuv", percent: 10, isError: true),
        (name: "mjpeg.avi", options: "-c:v mjpeg", percent: 10, isError: true),
        (name: "sound.avi", options: "-f lavfi -i sine=d=2 -c:v mpeg4 -c:a libmp3lame", percent: 25, isError: true),
        (name: "repeats.avi", options: "-f lavfi -i sine=d=3 -c:v mpeg4 -c:a libmp3lame", percent: 25, isError: true),
        (name: "most.avi", options: "-c:v huffyuv", percent: 90, isError: false),
        (name: "most.mp4", options: "-c:v libx264 -movflags faststart", percent: 90, isError: false),
        (name: "part.mp4", options: "-c:v libx264 -movflags faststart", percent: 50, isError: true),
        (
            name: "parts.mp4", options: "-c:v libx264 -g 10 -movflags frag_keyframe+empty_moov", percent: 50,
            isError: false
        ),
    ]

    @Test(arguments: cut.indices) func cutFilesAreNoticed(index: Int) throws {
        let (name, options, percent, isError) = Self.cut[index]
        let shop = try Workshop()
        let bytes = try video(name, options, in: shop)
        #expect(try convert(shop.path("whole-\(name)")).notes.isEmpty, "\(name)")
        let path = shop.path(name)
        try bytes.prefix(bytes.count * percent / 100).write(to: URL(fileURLWithPath: path))
        if isError {
            let error = #expect(throws: MediaError.self) { try convert(path) }
            #expect(error?.description.contains("is cut short") == true, "\(name): \(error?.description ?? "")")
            #expect(!shop.files.contains("\(name).out.mkv"))
        } else {
            let notes = try convert(path).notes
            #expect(notes.count == 1 && notes[0].contains("is cut short"), "\(name): \(notes)")
        }
    }
}
