import Foundation
import Shots
import TestSupport
import Testing

/// Lists as files.
@Suite struct ShotListFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("film.shots.json") }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

    @Test(arguments: [[1], [2, 3, 5], Array(repeating: 1, count: 2000)])
    func whatIsWrittenIsRead(lengths: [Int]) throws {
        var list = Films.list(lengths)
        list.film.file = "a \"film\"\\\n\u{1}ümlaut.mp4"
        list.detector.faces = "equirectangular 480+64"
        if list.shots.count > 1 { list.shots[1].preroll = 1 }
        list.shots[list.shots.count - 1].end += 1.0 / 3
        try write(list.text)
        #expect(try ShotList(contentsOf: path) == list)
        // As another reader of JSON has it: a line for each shot.
        let content = try #require(JSONSerialization.jsonObject(with: Data(list.text.utf8)) as? [String: Any])
        #expect(content["format"] as? String == ShotList.format)
        #expect((content["shots"] as? [[String: Any]])?.compactMap { $0["frames"] as? Int } == lengths)
        #expect(list.text.split(separator: "\n").filter { $0.contains("\"shot\": ") }.count == lengths.count)
    }

    @Test(arguments: [
        ("", "", "is no shot list: it is not valid JSON"),
        ("{", "[", "is no shot list: it is not valid JSON"),
        ("pentimento-shots-1", "pentimento-shots-2", "is of the format pentimento-shots-2, not pentimento-shots-1"),
        ("\"format\"", "\"kind\"", "format is missing"),
        ("\"sha256\"", "\"sha\"", "film, sha256 is missing"),
        ("\"bytes\": 1234", "\"bytes\": \"1234\"", "film, bytes has a value of another kind"),
        ("\"bytes\": 1234", "\"bytes\": null", "film, bytes has a value of another kind"),
        ("\"bytes\": 1234", "\"bytes\": 12.5", "or has a number that is none here"),
        ("\"flow\": \"medium\"", "\"flow\": 3", "detector, flow has a value of another kind"),
        ("\"scene-cut\"", "\"sceneCut\"", "detector, scene-cut is missing"),
        ("\"first\": 2", "\"first\": 2.5", "or has a number that is none here"),
        ("\"first\": 2", "\"first\": 1e99", "or has a number that is none here"),
        ("\"first\": 2", "\"first\": 3", "frames 2 to 2, before shot 2, belong to no shot"),
        ("\"first\": 2", "\"first\": 1", "within shot 1"),
    ])
    func wrongFiles(old: String, new: String, words: String) throws {
        let text = Films.list([2, 3]).text
        #expect(old.isEmpty || text.contains(old))
        try write(old.isEmpty ? "" : text.replacingOccurrences(of: old, with: new))
        let error = #expect(throws: ShotListError.self) { try ShotList(contentsOf: path) }
        let line = error?.description ?? ""
        #expect(line.hasPrefix("\(path): ") && line.contains(words) && !line.contains("\n"), "\(line)")
    }

    /// Spaces and the order of the fields are a person's.
    @Test func otherLayoutIsRead() throws {
        let list = Films.list([2, 3])
        let content = try JSONSerialization.jsonObject(with: Data(list.text.utf8))
        for options in [[], .prettyPrinted, .sortedKeys] as [JSONSerialization.WritingOptions] {
            try JSONSerialization.data(withJSONObject: content, options: options)
                .write(to: URL(fileURLWithPath: path))
            #expect(try ShotList(contentsOf: path) == list)
        }
    }

    @Test func noFile() {
        for name in ["missing.json", ""] {
            let error = #expect(throws: ShotListError.self) { try ShotList(contentsOf: folder.path(name)) }
            #expect(error?.description.hasPrefix(folder.path(name)) == true)
        }
    }

    @Test(arguments: [
        Edit<Detector>(nil) { _ in },
        Edit("for is \"sphere\", not \"stylize\"") { $0.painting = "sphere" },
        Edit("flow is \"fast\", not \"medium\"") { $0.flow = "fast" },
        Edit("scale is 0.5, not 0") { $0.scale = 0.5 },
        Edit("pixels is 1, not 60000") { $0.pixels = 1 },
        Edit("scene-cut is 0.25, not 0.5") { $0.sceneCut = 0.25 },
        Edit("size is \"48x32\", not \"640x360\"") { $0.size = "48x32" },
        Edit("deinterlace is \"off\", not \"auto\"") { $0.deinterlace = "off" },
        Edit("keep-hdr is true, not false") { $0.keepHDR = true },
        Edit("faces is \"3x2\", not \"\"") { $0.faces = "3x2" },
        // The first one of several.
        Edit("flow is \"fast\", not \"medium\"") { ($0.flow, $0.keepHDR) = ("fast", true) },
    ])
    func detectorsDiffer(edit: Edit<Detector>) {
        var detector = Films.detector
        edit.change(&detector)
        #expect(detector.difference(from: Films.detector) == edit.words)
        #expect((Films.detector.difference(from: detector) == nil) == (edit.words == nil))
    }
}
