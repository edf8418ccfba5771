import CGStreamer
import CGStreamerCheck
import Glibc
import GstPentimento
import Testing

/// Leak tests. Each runs in its own process, so that no other test allocates memory.
@Suite struct LifetimeTests {
    private static let chain =
        "videotestsrc pattern=ball ! video/x-raw,width=64,height=48,format=RGB,framerate=25/1 ! opticalflow references=1,2 ! "
        + "occlusioncheck ! queue ! flowwarp ! queue ! teststylizer ! fakesink name=out sync=false"

    /// Bytes allocated by malloc and not freed.
    static func usedBytes() -> Int { Int(mallinfo2().uordblks) }

    @Test func stateChangesAndSeeksDoNotLeakMemory() async {
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
            // A leak grows in every round; a cache, or a thread that ends late, only in one of them.
            try change(10)
            try seek(5)
            let samples = try (0..<4).map { _ in
                try change(30)
                try seek(10)
                return LifetimeTests.usedBytes()
            }
            let growth = zip(samples.dropFirst(), samples).map { $0 - $1 }
            print("memory in use grew by \(growth) bytes")
            if growth.allSatisfy({ $0 > 32 << 10 }) { exit(2) }
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
