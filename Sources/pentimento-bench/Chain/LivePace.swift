import MediaIO
import Support

/// Times a frame of the whole chain, NV12 in and out, from raw frames in memory.
enum LivePace {
    static let usage = "CLIP [WIDTHxHEIGHT [QUALITY [MODEL]]] (1920x1080 live scream; milliseconds a frame)"

    /// Frames that are not timed: plans are made, and memory is allocated.
    private static let warmUp = 12

    static func run(_ arguments: [String]) throws {
        guard let clip = arguments.first else { throw BenchmarkError("usage: pentimento-bench live \(usage)") }
        let size = arguments.count > 1 ? arguments[1] : "1920x1080"
        let quality = arguments.count > 2 ? arguments[2] : "live"
        let bench = try Bench([arguments.count > 3 ? arguments[3] : "scream", size], defaultSize: size)
        let folder = try PrivateFolder()
        let frames = "\(folder.path)/frames.nv12"
        let decoding = try Pipeline(
            parsing: "\(bench.source(clip: clip)) ! filesink location=\"\(frames)\"", input: clip)
        try decoding.run { () throws(MediaError) in .goOn }

        let bytes = bench.width * bench.height + (bench.width + 1) / 2 * ((bench.height + 1) / 2) * 2
        func seconds(of count: Int) throws -> (frames: Int, seconds: Double) {
            let source =
                "filesrc location=\"\(frames)\" blocksize=\(bytes) num-buffers=\(count) ! rawvideoparse "
                + "format=nv12 width=\(bench.width) height=\(bench.height) framerate=30/1"
            let result = try bench.play(source, "coherentstylize name=stylizer quality=\(quality)")
            return (result.frames, result.seconds)
        }
        _ = try seconds(of: warmUp)
        let start = try seconds(of: warmUp)
        let whole = try seconds(of: 10_000)
        guard whole.frames > start.frames else { throw BenchmarkError("\(clip): too few frames") }
        print((whole.seconds - start.seconds) / Double(whole.frames - start.frames) * 1000)
    }
}
