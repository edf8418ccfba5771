import CGStreamer
import CGStreamerCheck
import Glibc
import GstPentimento
import Testing

/// Nothing is left behind. Each test is a process of its own, where nothing else takes or gives memory.
@Suite struct LifetimeTests {
    private static let chain =
        "videotestsrc pattern=ball ! video/x-raw,width=64,height=48,format=RGB,framerate=25/1 ! opticalflow references=1,2 ! "
        + "occlusioncheck ! queue ! flowwarp ! queue ! teststylizer ! fakesink name=out sync=false"

    /// Bytes that malloc has given out and not got back.
    static func usedBytes() -> Int { Int(mallinfo2().uordblks) }

    @Test func stateChangesAndSeeksLeaveMemoryWhereItWas() async {
        await #expect(processExitsWith: .success) {
            let pipeline = try TestPipeline(LifetimeTests.chain)
            let frames = try PadCounter(buffersAt: "sink", of: "out", in: pipeline)
            func change(_ times: Int) throws {
                for index in 0..<times {
                    try pipeline.setState(GST_STATE_PLAYING)
                    frames.wait(for: frames.current + 2)
                    try pipeline.setState(index % 2 == 0 ? GST_STATE_READY : GST_STATE_NULL)
                }
            }
            func seek(_ times: Int) throws {
                try pipeline.setState(GST_STATE_PLAYING)
                for index in 0..<times {
                    guard pipeline.seek(to: UInt64(index % 5) * 1_000_000_000) else { exit(3) }
                    frames.wait(for: frames.current + 2)
                }
                try pipeline.setState(GST_STATE_NULL)
            }
            // Threads that end late hold what malloc has set aside for them, so several looks are taken at each time.
            func looks() throws -> [Int] {
                try (0..<4).map { _ in
                    try change(6)
                    try seek(3)
                    return LifetimeTests.usedBytes()
                }
            }
            try change(6)
            let before = try looks().max() ?? 0
            try change(100)
            try seek(20)
            let growth = (try looks().min() ?? 0) - before
            print("memory in use grew by \(growth) bytes")
            if growth > 128 << 10 { exit(2) }
        }
    }

    @Test func noObjectIsLeaked() async {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) {
            setenv("GST_TRACERS", "leaks", 1)
            setenv("GST_DEBUG", "GST_TRACER:7", 1)
            setenv("GST_DEBUG_NO_COLOR", "1", 1)
            try LifetimeTests.runToTheEnd()
            gst_deinit()
        }
        let log = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(log.contains("leaks"), "the tracer does not run")
        let leaks = log.split(separator: "\n").filter {
            $0.contains(" object-alive, ") && !$0.contains("new format string")
        }
        #expect(leaks.isEmpty)
    }

    private static func runToTheEnd() throws {
        let frames = TestFrame.sequence(6)
        _ = try TestPipeline.run(
            frames,
            through:
                "opticalflow references=1,2 ! occlusioncheck ! queue ! flowwarp ! queue ! teststylizer skip-every=4")
        _ = try TestPipeline.run(
            frames,
            through:
                "opticalflow ! occlusioncheck ! flowwarp source=input ! videoscale ! video/x-raw,width=32,height=24")
        _ = try TestPipeline.run(frames, through: "coherentstylize")
        for properties in ["preview=true", "passes=2"] {
            _ = try OptimizeRun.bytes(OptimizeRun.small(3), "metas=keep \(properties)")
        }
        let stopped = try TestPipeline(chain)
        let count = try PadCounter(buffersAt: "sink", of: "out", in: stopped)
        try stopped.setState(GST_STATE_PLAYING)
        _ = stopped.seek(to: 1_000_000_000)
        count.wait(for: count.current + 2)
    }
}
