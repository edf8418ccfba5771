import Foundation
import Support
import TestSupport
import Testing

/// Names of files: their bytes, and their endings.
@Suite struct NameTests {
    private let shop: Workshop

    init() throws {
        shop = try Workshop()
        try FileManager.default.createDirectory(atPath: shop.path("in"), withIntermediateDirectories: true)
    }

    private func run(_ script: String) throws -> Outcome {
        try Program.run(
            "/bin/bash",
            [
                "-c",
                "cd \(shop.folder); stylize() { \"\(Program.pentimento)\" stylize --strength 0 \"$@\"; }; \(script)",
            ])
    }

    /// A name that is not UTF-8 is refused, and no other name is written.
    @Test func namesOfOtherEncodings() throws {
        _ = try shop.makeClip(frames: 3)
        let cases = [
            (#"cp clip.mp4 $'a\xe9.mp4'; stylize $'a\xe9.mp4' -o out.mp4"#, "a\u{FFFD}.mp4: is not UTF-8"),
            (#"stylize clip.mp4 -o $'a\xe9.mp4' --force"#, "a\u{FFFD}.mp4: is not UTF-8"),
            (#"ln -s $'a\xe9.mp4' link.mp4; stylize clip.mp4 -o link.mp4 --force"#, "not UTF-8"),
            (
                #"rm link.mp4; mv $'a\xe9.mp4' in/$'\xe8.mp4'; cp clip.mp4 in/$'\xe9.mp4'; cp clip.mp4 in; stylize in -o out/"#,
                "its name is not UTF-8"
            ),
        ]
        for (script, words) in cases {
            let outcome = try run(script)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(script): \(outcome.errors)")
            for name in ["a\u{FFFD}.mp4", "out.mp4"] { #expect(!Files.isThere(shop.path(name)), "\(script)") }
        }
        #expect(Files.names(in: shop.path("out")) == ["clip.mp4"])
    }

    /// Names that look alike are two.
    @Test func namesThatLookAlike() throws {
        let clip = try shop.makeClip(frames: 3)
        for name in ["\u{E9}.mp4", "e\u{301}.mp4"] {
            try Files.write(try Files.read(clip), to: shop.path("in/\(name)"))
        }
        let outcome = try run("stylize in -o out/")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(Files.names(in: shop.path("out")).count == 2)
    }

    /// Files of a folder that have the ending of a video or a picture are tried, and what cannot be read is said.
    @Test func endings() throws {
        let tried = """
            264 265 3g2 3gp amv apng asf avi avif bmp divx dpx dv exr f4v flv gif gxf h264 heic hevc ico ivf j2k jfif jls jp2 \
            jpe jpeg jpg jxl m1v m2t m2ts m2v m4v mj2 mjpeg mjpg mk3d mkv mov mp4 mpe mpeg mpg mts mxf nut obu ogm ogv pam pcx \
            pfm pgm png ppm psd qoi qt rm rmvb sgi svg swf tga tif tiff ts vc1 vob webm webp wmv wtv xwd y4m
            """.split(separator: " ")
        for ending in tried + ["txt", "mp3", "flac", "wav", "ogg", "m4a", "srt", "json", "rs", "yuv"] {
            try Files.write(Array("no media at all".utf8), to: shop.path("in/\(ending).\(ending)"))
        }
        let outcome = try run("stylize in -o out/")
        let named = Set(
            outcome.errors.split(separator: "\n").compactMap {
                $0.firstMatch(of: #/in/\w+\.(\w+): /#).map { String($0.1) }
            })
        #expect(named == Set(tried.map(String.init)))
    }

    /// Sounds are left out where an ending may be that of both.
    @Test func soundsAndVideosOfOneEnding() throws {
        let sound = "-f lavfi -i sine=d=0.4"
        _ = try Peer.run("ffmpeg", "\(sound) -c:a libvorbis", [shop.path("in/sound.ogg")])
        _ = try Peer.run(
            "ffmpeg", "-f lavfi -i testsrc2=s=64x48:d=0.4 \(sound) -c:v libtheora -c:a libvorbis",
            [shop.path("in/video.ogg")])
        let outcome = try run("stylize in -o out/")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(Files.names(in: shop.path("out")) == ["video.mp4"])
    }
}
