import Foundation
import TestSupport
import Testing

/// A film that is painted by shots is that which is painted whole.
@Suite struct ShotsTests {
    /// Painted whole and by shots: the same frames, times and sound.
    private func checkSame(_ film: ShotFilm, _ command: [String], _ found: [String] = [], shots: Int? = nil) throws {
        let list = try film.find(found)
        if let shots { #expect(list.shots.count == shots, "\(list.shots)") }
        let (whole, joined) = (film.shop.path("whole.mp4"), film.shop.path("joined.mp4"))
        try film.run([command[0], film.path, "-o", whole] + command.dropFirst())
        try film.paintAll(command)
        try film.join(joined)
        for (one, other) in zip(try ShotFilm.digests(of: whole), try ShotFilm.digests(of: joined)) {
            #expect(one == other)
        }
    }

    @Test(arguments: ShotFilm.Encoding.allCases)
    func stylizedFilmIsTheSame(_ encoding: ShotFilm.Encoding) throws {
        let film = try ShotFilm(try Workshop(), encoding)
        try checkSame(film, ["stylize"], shots: 4)
    }

    @Test func settingsThatLeaveFramesOutEndAtCuts() throws {
        let film = try ShotFilm(try Workshop())
        try checkSame(
            film, ["stylize", "--quality", "live", "--coherence", "0.5", "--size", "80x"],
            ["--quality", "live", "--size", "80x"], shots: 4)
    }

    @Test func sphereIsTheSame() throws {
        let film = try ShotFilm(try Workshop(), size: "128x64")
        try checkSame(film, ["sphere"], ["--for", "sphere"], shots: 4)
    }

    /// Long-term references end at cuts, passes go over shots, and noise depends on the number of the frame.
    @Test(arguments: [
        ["--long-term", "1,2,4", "--iterations", "2"], ["--passes", "2", "--pass-iterations", "1"],
        ["--init", "random,random", "--iterations", "2"],
    ])
    func optimizedFilmIsTheSame(_ options: [String]) throws {
        let shop = try Workshop()
        var film = try ShotFilm(shop)
        film.environment = try LossNetworkFolder.environment()
        let painting = try shop.makeImage("painting.png", format: "RGB", size: (50, 40))
        try checkSame(
            film, ["optimize", "--style-image", painting, "--size", "48x32"] + options,
            ["--for", "optimize", "--size", "48x32"], shots: 4)
    }

    /// Pieces whose preroll reaches back to the cut are exact, so that it is decoded and left out as it should be.
    @Test(arguments: [(ShotFilm.Encoding.plain, 9), (.openVarying, 8)])
    func piecesWithAllFramesOfTheirShotBeforeThem(_ encoding: ShotFilm.Encoding, count: Int) throws {
        let film = try ShotFilm(try Workshop(), encoding)
        try checkSame(film, ["stylize"], ["--longest", "0.3s", "--preroll", "100"])
        let shots = try film.content().shots
        #expect(shots.count == count && shots.filter { $0.preroll > 0 }.count == count - 4, "\(shots)")
        let short = try film.find(["--longest", "0.3s", "--preroll", "2"])
        #expect(short.shots.map(\.first) == shots.map(\.first) && Set(short.shots.map(\.preroll)) == [0, 2])
        let table = try film.run(["shots", film.path, "-o", film.list, "--force", "--longest", "0.3s"]).output
        #expect(table.contains("approximate, after"))
    }

    @Test func bundledClipIsTheSame() throws {
        try checkSame(
            ShotFilm(try Workshop(), at: Workshop.bundledClip), ["stylize", "--size", "80x"], ["--size", "80x"],
            shots: 1)
    }

    /// Shots are those of ffmpeg's concatenation, to the frame; frames are counted as ffprobe does.
    @Test func shotsAreFrameExact() throws {
        let film = try ShotFilm(try Workshop())
        let list = try film.find()
        #expect(list.shots.map(\.first) == [0, 13, 31, 39], "\(list.shots)")
        let times = try Workshop.times(of: film.path).map { Double($0) ?? -1 }
        #expect(list.film.frames == times.count)
        for shot in list.shots {
            #expect(abs(shot.start - (times[shot.first] - times[0])) < 2e-3)
        }
        let digest = try Program.run("/usr/bin/env", ["sha256sum", film.path]).output.prefix(64)
        #expect(list.film.sha256 == digest)
    }
}
