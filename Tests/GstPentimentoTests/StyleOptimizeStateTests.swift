import CGStreamer
import Glibc
import Imaging
import NeuralNet
import Support
import Testing

/// Results that are kept between runs.
@Suite(.serialized) struct StyleOptimizeStateTests {
    private static let single = "init=content"
    private static let passes = "init=content passes=4"

    private func run(
        _ folder: String, _ properties: String, frames: [TestFrame] = OptimizeRun.small(4),
        flow: String = OptimizeRun.flow
    ) throws -> (bytes: [[UInt8]], worked: [[Int]], error: String?) {
        let run = try OptimizeRun("\(flow) ! \(OptimizeRun.element("\(properties) state-location=\(folder)"))")
        let outputs = try run.run(frames)
        return (outputs.map(\.bytes), run.progress.filter(\.isLast).map { [$0.pass, $0.frame] }, run.error)
    }

    @Test(arguments: [single, passes]) func keepingResultsChangesNothing(properties: String) throws {
        let folder = OptimizeFiles.newFolder("same")
        let plain = try OptimizeRun.bytes(OptimizeRun.small(4), properties)
        #expect(try run(folder, properties).bytes == plain)
        let again = try run(folder, properties)
        #expect(again.bytes == plain && again.worked.isEmpty, "what is there is computed again")
    }

    /// A run that is stopped at the start of `iteration` of a frame leaves the same files as a killed one.
    private func interrupt(_ folder: String, _ properties: String, at wanted: @escaping (OptimizeRun.Progress) -> Bool)
        throws
    {
        let run = try OptimizeRun(
            "\(OptimizeRun.flow) ! \(OptimizeRun.element("\(properties) state-location=\(folder)"))")
        let frames = OptimizeRun.small(4)
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        run.pipeline.push(frames)
        run.pipeline.endStream()
        #expect(run.wait(for: wanted))
        try run.pipeline.setState(GST_STATE_NULL)
    }

    @Test func resumedRunIsBitIdentical() throws {
        let folder = OptimizeFiles.newFolder("cut")
        let expected = try OptimizeRun.bytes(OptimizeRun.small(4), Self.single)
        for frame in 2...4 {
            try interrupt(folder, Self.single) { $0.frame == frame && $0.iteration == 1 }
            let kept = OptimizeFiles.list(folder).filter { $0.hasSuffix(".safetensors") }
            #expect(kept.count >= frame - 1)
        }
        #expect(try run(folder, Self.single).bytes == expected)
    }

    @Test func resumedMultiPassRunIsBitIdentical() throws {
        let expected = try OptimizeRun.bytes(OptimizeRun.small(4), Self.passes)
        let folder = OptimizeFiles.newFolder("cut-passes")
        for (pass, frame) in [(1, 3), (2, 2), (3, 4), (3, 1), (4, 3)] {
            try interrupt(folder, Self.passes) { $0.pass == pass && $0.frame == frame && $0.iteration == 1 }
        }
        let end = try run(folder, Self.passes)
        #expect(end.bytes == expected)
        #expect(end.worked.count <= 2)
        // The latest two results of each frame.
        #expect(OptimizeFiles.list(folder).filter { $0.hasSuffix(".safetensors") }.count == 8)
    }

    // MARK: - Damage

    private func damage(_ path: String, _ kind: Int) throws {
        var bytes = try Files.read(path)
        switch kind {
        case 0: bytes.removeLast(bytes.count / 2)
        case 1: bytes[bytes.count - 5] ^= 0x10
        default: bytes = []
        }
        try Files.write(bytes, to: path)
    }

    @Test(arguments: 0..<3) func damagedResultsAreRecomputed(kind: Int) throws {
        let folder = OptimizeFiles.newFolder("damaged")
        let expected = try run(folder, Self.single).bytes
        try damage("\(folder)/frame-000002-00000040000000.safetensors", kind)
        try Files.write([1, 2, 3], to: "\(folder)/frame-000003-00000080000000.safetensors.1.2.part")
        let again = try run(folder, Self.single)
        #expect(again.bytes == expected && again.worked == [[1, 2]])
        // The marker file, the settings, four results, and another program's file.
        #expect(OptimizeFiles.list(folder).filter { $0.hasSuffix(".part") }.count == 1)
        #expect(OptimizeFiles.list(folder).count == 7)
    }

    @Test(arguments: [(4, 2), (3, 2), (4, 1), (3, 4)]) func damagedResultsOfAPassAreRecomputed(pass: Int, frame: Int)
        throws
    {
        let folder = OptimizeFiles.newFolder("damaged-pass")
        let expected = try run(folder, Self.passes).bytes
        let name = try #require(
            OptimizeFiles.list("\(folder)/pass-0\(pass)").first { $0.contains("frame-00000\(frame)-") })
        let path = "\(folder)/pass-0\(pass)/\(name)"
        try damage(path, 1)
        let again = try run(folder, Self.passes)
        #expect(again.bytes == expected)
        // Only the result of the last pass is needed.
        #expect(again.worked == (pass == 4 ? [[4, frame]] : []))
    }

    @Test func unusableResultsRestartTheShot() throws {
        let folder = OptimizeFiles.newFolder("ruined")
        let expected = try run(folder, Self.passes).bytes
        for name in OptimizeFiles.list(folder) where name.contains("frame-000002") {
            try damage("\(folder)/\(name)", 0)
        }
        let again = try run(folder, Self.passes)
        #expect(again.bytes == expected && again.worked.count == 16)
    }

    // MARK: - Refusals

    @Test(arguments: [
        ("style-weight=10", "style-weight was 20, is 10"), ("content-weight=2", "content-weight was 1, is 2"),
        ("temporal-weight=3.5", "temporal-weight was 200, is 3.5"), ("tv-weight=1", "tv-weight"),
        ("iterations=3,3", "iterations was 3,2, is 3,3"), ("init=random", "init was content,content, is random,random"),
        ("passes=2", "passes was 1, is 2"), ("style-layers=relu1_1", "style-layers"), ("pooling=average", "pooling"),
        ("style-loss=sliced", "style-loss was gram, is sliced"), ("style-normalization=layer", "style-normalization"),
        ("seed=1", "seed was 0, is 1"), ("optimizer=adam", "optimizer was lbfgs, is adam"),
        ("temporal-loss=absolute", "temporal-loss"), ("style-scale=0.5", "style-scale was 1, is 0.5"),
        ("tolerance=0.5", "tolerance was 0.0001, is 0.5"), ("content-layers=relu1_2", "content-layers"),
    ])
    func otherSettingsAreRefused(properties: String, word: String) throws {
        let folder = try Self.finished.get()
        let refused = try run(folder, "\(Self.single) \(properties)").error ?? ""
        #expect(refused.contains(word) && refused.contains(folder), "\(refused)")
    }

    private static let finished = Result {
        let folder = OptimizeFiles.newFolder("finished")
        _ = try OptimizeRun.bytes(OptimizeRun.small(4), "\(single) state-location=\(folder)")
        return folder
    }

    @Test func styleImagesAreComparedByContent() throws {
        let folder = try Self.finished.get()
        let copy = "\(OptimizeFiles.folder)/copy.png"
        try Files.write(try Files.read(OptimizeFiles.painting), to: copy)
        #expect(try run(folder, "\(Self.single) style-images=\(copy) threads=1").error == nil)
        let two = try run(folder, "\(Self.single) style-images=\(copy),\(copy)").error ?? ""
        #expect(two.contains("style-image-2 was not set"), "\(two)")
    }

    @Test func otherFramesAreRefusedByNumber() throws {
        let folder = try Self.finished.get()
        var frames = OptimizeRun.small(4)
        frames[2].scene = 3
        let frame = try run(folder, Self.single, frames: frames).error ?? ""
        #expect(frame.contains("another frame at frame 3 (at 0.08 s)"), "\(frame)")
        let flow =
            try run(folder, Self.single, flow: "opticalflow preset=medium scene-cut=0 ! occlusioncheck").error ?? ""
        #expect(flow.contains("another optical flow at frame 2"), "\(flow)")
        let size = try run(folder, Self.single, frames: TestFrame.sequence(2, width: 48, height: 24)).error ?? ""
        #expect(size.contains("frame 1"), "\(size)")
        // The refused runs have not changed the folder.
        #expect(try run(folder, Self.single).worked.isEmpty)
    }

    @Test func foreignStateFilesAreRefused() throws {
        let folder = OptimizeFiles.newFolder("foreign")
        mkdir(folder, 0o700)
        try Files.write(Array("{\"version\": \"0\", \"settings\": {}}".utf8), to: "\(folder)/pentimento-optimize.json")
        #expect(try run(folder, Self.single).error?.contains("another version") == true)
        unlink("\(folder)/pentimento-optimize.json")
        try Files.write([1], to: "\(folder)/frame-000001-00000000000000.safetensors")
        #expect(try run(folder, Self.single).error?.contains("is not this program's") == true)
        #expect(try Files.read("\(folder)/frame-000001-00000000000000.safetensors") == [1])
    }

    /// Each result has a digest of its settings, so matching results are used without the settings file.
    @Test(arguments: [0, 1, 2]) func damagedSettingsFileIsReplaced(kind: Int) throws {
        let folder = OptimizeFiles.newFolder("damaged-settings")
        let expected = try run(folder, Self.single).bytes
        let settings = "\(folder)/pentimento-optimize.json"
        if kind == 2 {
            unlink(settings)
        } else {
            try Files.write(Array("{\"version\"".utf8.prefix(kind * 5)), to: settings)
        }
        let again = try run(folder, Self.single)
        #expect(again.bytes == expected && again.worked.isEmpty)
        // With other settings no result matches.
        unlink(settings)
        #expect(try run(folder, "\(Self.single) style-weight=10").worked.count == 4)
    }

    /// Files of other programs, some with names like results.
    @Test func filesOfOtherProgramsAreKept() throws {
        let folder = OptimizeFiles.newFolder("shared")
        mkdir(folder, 0o700)
        mkdir("\(folder)/pass-01", 0o700)
        let strangers = ["film.mp4.part", "pass-01/book.part", "model.safetensors", "frame-000009.safetensors"]
        for name in strangers { try Files.write([9], to: "\(folder)/\(name)") }
        #expect(try run(folder, Self.single).error == nil)
        #expect(try run(folder, Self.single).worked.isEmpty)
        for name in strangers { #expect(try Files.read("\(folder)/\(name)") == [9]) }
    }

    @Test func aFolderServesOneRunAtATime() throws {
        let folder = OptimizeFiles.newFolder("busy")
        let first = try OptimizeRun(OptimizeRun.element("iterations=1000000 tolerance=0 state-location=\(folder)"))
        let frames = OptimizeRun.small(1)
        first.pipeline.setCaps(frames[0].caps)
        first.pipeline.play()
        first.pipeline.push(frames)
        #expect(first.wait { $0.iteration == 1 })
        #expect(try run(folder, Self.single).error?.contains("in use by another run") == true)
        try first.pipeline.setState(GST_STATE_NULL)
    }

    // MARK: - A full disk

    @Test(arguments: [false, true]) func fullDiskKeepsEarlierResults(isMultiPass: Bool) async {
        if isMultiPass {
            await #expect(processExitsWith: .success) {
                try StyleOptimizeStateTests.fill(StyleOptimizeStateTests.passes, file: 8000)
            }
        } else {
            await #expect(processExitsWith: .success) {
                try StyleOptimizeStateTests.fill(StyleOptimizeStateTests.single, file: 8000)
            }
        }
    }

    /// Writes with a file size limit that only small results satisfy, then without.
    private static func fill(_ properties: String, file limit: Int) throws {
        signal(SIGXFSZ, SIG_IGN)
        let folder = OptimizeFiles.newFolder("full")
        let small = TestFrame.sequence(2, width: 16, height: 16)
        let large = TestFrame.sequence(2, width: 32, height: 24).map {
            TestFrame(width: 32, height: 24, layout: .rgb, index: $0.index + 2)
        }
        func outcome(_ properties: String) throws -> (bytes: [[UInt8]], error: String?, worked: Int) {
            let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element(properties))")
            run.pipeline.play()
            for frames in [small, large] {
                run.pipeline.setCaps(frames[0].caps)
                run.pipeline.push(frames)
            }
            let outputs = try run.finish()
            return (outputs.map(\.bytes), run.error, run.progress.count(where: \.isLast))
        }
        let expected = try outcome(properties)
        guard expected.error == nil, expected.bytes.count == 4 else { exit(2) }
        var none = rlimit()
        getrlimit(__rlimit_resource_t(1), &none)
        var tight = rlimit(rlim_cur: rlim_t(limit), rlim_max: none.rlim_max)
        let kept = "\(properties) state-location=\(folder)"
        setrlimit(__rlimit_resource_t(1), &tight)
        let full = try outcome(kept)
        print(full.error ?? "no error")
        guard full.error?.contains(properties == passes ? "cannot be kept" : "start the same run again") == true else {
            exit(3)
        }
        setrlimit(__rlimit_resource_t(1), &none)
        let end = try outcome(kept)
        guard end.error == nil, end.bytes == expected.bytes else { exit(4) }
        guard end.worked < expected.worked else { exit(5) }
    }
}
