import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import NeuralNet
import Support
import TestSupport
import Testing

/// `spherestylize`, separately and in the chain.
@Suite(.serialized) struct SphereStylizeTests {
    private static let split = "cubemapsplit face-size=48 overlap=8"
    private static let flow = "opticalflow ! occlusioncheck ! flowwarp"
    private static let side = 64

    /// The output for frames of a rotating sphere.
    private func run(
        _ chain: String, frames: Int = 1, layout: PixelLayout = .rgb, turn: Double = 0.01
    ) throws -> [[UInt8]] {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: 192, 96, layout)
        pipeline.start()
        for index in 0..<frames {
            pipeline.push(
                equirectangularFrame(192, 96, layout, turn: turn * Double(index)), time: UInt64(index) * 40_000_000)
        }
        pipeline.endStream()
        return try (0..<frames).map { _ in
            try #require(pipeline.pull(), "\(pipeline.messages(GST_MESSAGE_ERROR))").bytes
        }
    }

    private func face(_ face: Int, of column: [UInt8]) -> [UInt8] {
        let count = column.count / 6
        return Array(column[face * count..<(face + 1) * count])
    }

    @Test func withoutBordersFacesAreIndependent() throws {
        let column = try run(Self.split)[0]
        let stylized = try run("\(Self.split) ! spherestylize borders=none")[0]
        for index in 0..<6 {
            let pipeline = try #require(StylePipeline("stylize"))
            pipeline.set(caps: Self.side, Self.side)
            pipeline.start()
            pipeline.push(face(index, of: column), time: 0)
            let alone = try #require(pipeline.pull()).bytes
            let isSame = face(index, of: stylized) == alone
            #expect(isSame, "face \(index)")
        }
    }

    @Test func bordersAreBlendedOrUsedAsPrior() throws {
        func changed(_ one: [UInt8], _ other: [UInt8]) -> [Bool] {
            (0..<6).map { face($0, of: one) != face($0, of: other) }
        }
        let alone = try run("\(Self.split) ! spherestylize borders=none")[0]
        let blended = try run("\(Self.split) ! spherestylize")[0]
        let prior = try run("\(Self.split) ! spherestylize borders=prior")[0]
        // Shared instance-norm statistics.
        #expect(changed(alone, blended) == Array(repeating: true, count: 6))
        // The front is stylized first.
        #expect(changed(alone, prior) == [true, true, true, true, false, true])
    }

    @Test func theChainIsCoherentAndQueuesChangeNothing() throws {
        let chain = "\(Self.split) ! \(Self.flow) ! spherestylize ! cubemapjoin"
        let direct = try run(chain, frames: 4)
        let queued = try run(
            "\(Self.split) ! queue ! opticalflow ! queue ! occlusioncheck ! queue ! flowwarp ! queue ! spherestylize "
                + "! queue ! cubemapjoin", frames: 4)
        let isSame = direct == queued
        #expect(isSame)
        let alone = try run("\(Self.split) ! spherestylize ! cubemapjoin", frames: 4)
        let first = alone[0] == direct[0]
        let last = alone[3] == direct[3]
        #expect(first && !last)
        #expect(direct[0].count == 192 * 96 * 3)
    }

    @Test func atAnotherScale() throws {
        let chain = "\(Self.split) ! \(Self.flow) ! spherestylize scale=0.5 ! cubemapjoin"
        let frames = try run(chain, frames: 3)
        let alone = try run("\(Self.split) ! spherestylize scale=0.5 ! cubemapjoin", frames: 3)
        let first = frames[0] == alone[0]
        let last = frames[2] == alone[2]
        #expect(first && !last)
    }

    @Test func strengthColourAndAlpha() throws {
        let column = try run(Self.split, layout: .rgba)[0]
        #expect(try run("\(Self.split) ! spherestylize strength=0", layout: .rgba)[0] == column)
        let half = try run("\(Self.split) ! spherestylize strength=0.5", layout: .rgba)[0]
        let whole = try run("\(Self.split) ! spherestylize", layout: .rgba)[0]
        let colours = try run("\(Self.split) ! spherestylize preserve-color=true", layout: .rgba)[0]
        let differ = half != column && half != whole && colours != whole
        #expect(differ)
        for bytes in [half, whole, colours] {
            let alpha = stride(from: 3, to: bytes.count, by: 4).allSatisfy { bytes[$0] == 200 }
            #expect(alpha)
        }
    }

    /// Without the property the fill is that of the model's training.
    @Test(arguments: [ModelDescription.Fill.mean, .noise]) func fillIsRegistered(fill: ModelDescription.Fill) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("model.safetensors")
        let description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: "c3s1-4,c3s1-4"), padding: .reflect, isGated: true,
            fill: fill)
        try Files.write(try NetworkParameters(random: description, seed: 1).encoded(), to: path)
        func painted(_ properties: String) throws -> [UInt8] {
            try run("\(Self.split) ! spherestylize borders=prior model=\(path) \(properties)")[0]
        }
        let automatic = try painted("")
        let isRegistered = try automatic == painted("fill=\(fill.rawValue)")
        #expect(isRegistered)
        let isOther = try automatic != painted(fill == .mean ? "fill=noise" : "fill=mean")
        #expect(isOther)
    }

    @Test func anUntunedModelWarnsOnce() throws {
        let folder = try TemporaryFolder()
        /// The warnings about a model with this training metadata.
        func warnings(_ training: String?, _ properties: String = "") throws -> [String] {
            let description = ModelDescription(
                kind: .video, architecture: try Architecture(parsing: "c3s1-4,c3s1-4"), padding: .reflect,
                isGated: true, training: training)
            let path = folder.path("model.safetensors")
            try Files.write(try NetworkParameters(random: description, seed: 1).encoded(), to: path)
            let pipeline = try #require(
                StylePipeline("\(Self.split) ! spherestylize borders=prior model=\(path) \(properties)"))
            pipeline.set(caps: 192, 96)
            pipeline.start()
            for index in 0..<3 {
                pipeline.push(equirectangularFrame(192, 96), time: UInt64(index) * 40_000_000)
                _ = try #require(pipeline.pull(), "\(pipeline.messages(GST_MESSAGE_ERROR))")
            }
            return pipeline.messages(GST_MESSAGE_WARNING)
        }
        for training in [
            nil, "{\"inputs\": {\"mix\": \"shift:1\"}}", "{\"inputs\": {\"mix\": \"shift:1,sphere:0\"}}", "no JSON",
        ] {
            let texts = try warnings(training)
            #expect(texts.count == 1 && texts.first?.contains("sphere:5") == true, "\(training ?? "nothing"): \(texts)")
        }
        #expect(try warnings(nil, "borders=none").isEmpty)
        #expect(try warnings(nil, "borders=blend").isEmpty)
        #expect(try warnings("{\"inputs\": {\"mix\": \"shift:1,sphere:5\"}, \"steps\": 100}").isEmpty)
    }

    @Test func flushIsADiscontinuity() throws {
        let pipeline = try #require(
            StylePipeline("\(Self.split) ! queue ! \(Self.flow) ! queue ! spherestylize ! queue ! cubemapjoin"))
        pipeline.set(caps: 192, 96)
        pipeline.start()
        let bytes = equirectangularFrame(192, 96)
        pipeline.push(bytes, time: 0)
        let first = try #require(pipeline.pull()).bytes
        for index in 1..<3 {
            pipeline.push(equirectangularFrame(192, 96, turn: 0.01), time: UInt64(index) * 40_000_000)
        }
        pipeline.flush()
        // Frames from before the flush may have been output.
        while pipeline.pull(within: 1) != nil {}
        pipeline.push(bytes, time: 200_000_000)
        let again = try #require(pipeline.pull(), "\(pipeline.messages(GST_MESSAGE_ERROR))").bytes
        let isSame = again == first
        #expect(isSame)
    }

    @Test func anotherSizeGoesOn() throws {
        let pipeline = try #require(
            StylePipeline("cubemapsplit overlap=6 ! queue ! \(Self.flow) ! queue ! spherestylize ! cubemapjoin"))
        pipeline.start()
        for (width, height) in [(192, 96), (128, 64), (192, 96)] {
            pipeline.set(caps: width, height)
            for index in 0..<2 {
                pipeline.push(equirectangularFrame(width, height), time: UInt64(index) * 40_000_000)
                let output = try #require(pipeline.pull(), "\(pipeline.messages(GST_MESSAGE_ERROR))")
                #expect(output.width == width && output.height == height)
            }
        }
    }
}
