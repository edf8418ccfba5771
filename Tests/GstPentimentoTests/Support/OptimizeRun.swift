import CGStreamer
import GStreamerKit
import Glibc
import GstPentimento
import Imaging
import MediaIO
import NeuralNet
import Support
import TestSupport

/// Files for runs of `styleoptimize`, created once per process and removed at its end.
enum OptimizeFiles {
    /// The folder of this process.
    static let folder: String = {
        let folder = "\(String(cString: g_get_tmp_dir()))/pentimento-optimize-\(getpid())"
        mkdir(folder, 0o700)
        atexit { OptimizeFiles.remove(OptimizeFiles.folder) }
        return folder
    }()

    /// A loss network with random weights.
    static let network: String = {
        let path = "\(folder)/network.safetensors"
        do {
            let weights = try LossNetworkWeights.random()
            try LossNetworkFile(kind: weights.kind, convolutions: weights.convolutions, input: .networkSpace)
                .write(to: path)
        } catch { print("no loss network: \(error)") }
        return path
    }()

    /// A style image of stripes.
    static let painting: String = {
        let path = "\(folder)/painting.png"
        var image = Image(width: 40, height: 30)
        for index in image.samples.indices { image.samples[index] = Float(index * 37 % 251) }
        do { try image.write(to: path, replacing: true) } catch { print("no painting: \(error)") }
        return path
    }()

    /// The path of a folder that does not exist yet.
    static func newFolder(_ name: String) -> String {
        let path = "\(folder)/\(name)"
        remove(path)
        return path
    }

    /// Removes a file, or a folder with its content.
    static func remove(_ path: String) {
        for name in Files.names(in: path) { remove("\(path)/\(name)") }
        if unlink(path) != 0 { rmdir(path) }
    }

    /// The relative paths of all files below a folder.
    static func list(_ folder: String) -> [String] {
        Files.names(in: folder).flatMap { name in
            let inner = list("\(folder)/\(name)")
            return inner.isEmpty ? [name] : inner.map { "\(name)/\($0)" }
        }
    }
}

/// A run of a pipeline with a `styleoptimize` of few iterations.
final class OptimizeRun {
    /// The content of a progress message.
    struct Progress {
        let frame: Int
        let frames: Int
        let shot: Int
        let pass: Int
        let passes: Int
        let iteration: Int
        let iterations: Int
        let isLast: Bool
        let loss: Double
        /// Content, style and temporal loss.
        let parts: [Double]
    }

    let pipeline: TestPipeline
    private(set) var progress: [Progress] = []
    private(set) var infos: [String] = []
    private(set) var error: String?

    /// Flow settings for small frames, without scene cut detection.
    static let flow = "opticalflow references=1,2 scene-cut=0 ! occlusioncheck min-filter=1"

    static func element(_ properties: String = "") -> String {
        "styleoptimize name=optimizer loss-network=\(OptimizeFiles.network) style-images=\(OptimizeFiles.painting) "
            + "content-layers=relu2_1 style-layers=relu1_1,relu2_1 iterations=3,2 pass-iterations=2 temporal-from-pass=2 "
            + properties
    }

    init(_ chain: String) throws {
        pipeline = try TestPipeline(
            "appsrc name=in format=time ! \(chain) ! appsink name=out sync=false wait-on-eos=false")
    }

    /// Pushes frames and plays until end-of-stream or an error.
    func run(_ frames: [TestFrame]) throws -> [OutputFrame] {
        if let first = frames.first { pipeline.setCaps(first.caps) }
        pipeline.play()
        pipeline.push(frames)
        return try finish()
    }

    /// Sends end-of-stream and waits for it or an error.
    func finish() throws -> [OutputFrame] {
        pipeline.endStream()
        while listen({ _ in false }) {}
        return error == nil ? try pipeline.pullAll() : []
    }

    /// Waits for a progress message for which `isWanted` is true; false if the stream ends before.
    @discardableResult func wait(for isWanted: @escaping (Progress) -> Bool) -> Bool {
        var found = false
        while !found,
            listen({ progress in
                found = isWanted(progress)
                return found
            })
        {}
        return found
    }

    /// Handles one message; false at end-of-stream.
    private func listen(_ see: (Progress) -> Bool) -> Bool {
        guard let bus = gst_element_get_bus(pipeline.element) else { return false }
        defer { gst_object_unref(bus) }
        let types = [GST_MESSAGE_EOS, GST_MESSAGE_ERROR, GST_MESSAGE_INFO, GST_MESSAGE_ELEMENT]
        let mask = GstMessageType(rawValue: types.reduce(0) { $0 | $1.rawValue })
        guard let message = gst_bus_timed_pop_filtered(bus, 60_000_000_000, mask) else {
            error = "nothing happens"
            return false
        }
        defer { gst_mini_object_unref(miniObject(message)) }
        var failure: UnsafeMutablePointer<GError>?
        defer { g_clear_error(&failure) }
        switch message.pointee.type {
        case GST_MESSAGE_EOS: return false
        case GST_MESSAGE_ERROR:
            gst_message_parse_error(message, &failure, nil)
            error = failure.map { String(cString: $0.pointee.message) } ?? ""
            return false
        case GST_MESSAGE_INFO:
            gst_message_parse_info(message, &failure, nil)
            infos.append(failure.map { String(cString: $0.pointee.message) } ?? "")
        default:
            guard let structure = gst_message_get_structure(message),
                gst_structure_has_name(structure, "pentimento-optimize") != 0
            else { break }
            let reader = StructureReader(structure)
            var isLast: gboolean = 0
            gst_structure_get_boolean(structure, "is-last", &isLast)
            func integer(_ name: String) -> Int { reader.integer(name) ?? -1 }
            let note = Progress(
                frame: integer("frame"), frames: integer("frames"), shot: integer("shot"), pass: integer("pass"),
                passes: integer("passes"), iteration: integer("iteration"), iterations: integer("iterations"),
                isLast: isLast != 0, loss: reader.double("loss") ?? .nan,
                parts: ["content", "style", "temporal"].map { reader.double($0) ?? .nan })
            progress.append(note)
            _ = see(note)
        }
        return true
    }

    /// The output frames as bytes.
    static func bytes(_ frames: [TestFrame], _ properties: String = "", flow: String = flow) throws -> [[UInt8]] {
        let run = try OptimizeRun("\(flow) ! \(element(properties))")
        let outputs = try run.run(frames)
        if let error = run.error { throw PipelineFailure(description: error) }
        return outputs.map(\.bytes)
    }

    /// The error at the start of the element or at its first frame.
    static func failure(_ properties: String, frames: [TestFrame] = small(1)) throws -> String {
        let run = try OptimizeRun(element(properties))
        _ = try run.run(frames)
        return run.error ?? "no error"
    }

    static func small(_ count: Int, layout: PixelLayout = .rgb, scene: Int = 0, from index: Int = 0) -> [TestFrame] {
        (0..<count).map {
            TestFrame(width: 32, height: 24, layout: layout, index: index + $0, scene: scene)
        }
    }
}
