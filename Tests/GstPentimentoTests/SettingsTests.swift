import CGStreamer
import Glibc
import GstPentimento
import Testing

/// Property changes during the processing of a frame take effect with the next frame.
@Suite(.serialized) struct SettingsTests {
    private let frame = TestFrame.sequence(1, width: 48, height: 32)[0]

    private func pipeline(_ chain: String) throws -> TestPipeline {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! \(chain) ! appsink name=out sync=false enable-last-sample=false")
        pipeline.setCaps(frame.caps)
        pipeline.play()
        return pipeline
    }

    /// Processes a frame while a property changes before its pixels are mapped or after they are unmapped.
    private func pass(
        _ pipeline: TestPipeline, map: (() -> Void)? = nil, unmap: (() -> Void)? = nil
    ) throws -> [UInt8] {
        let buffer = try #require(frame.makeBuffer())
        MapHook.hang(on: buffer, frame, map: map, unmap: unmap)
        pipeline.push(buffer)
        return try #require(try pipeline.pull()).bytes
    }

    @Test(arguments: ["stylize", "flowdraw draw=flow"])
    func propertyChangesApplyFromTheNextFrame(element: String) throws {
        let isStylizer = element == "stylize"
        let (property, none) = isStylizer ? ("strength", "0") : ("opacity", "0")
        let pipeline = try pipeline("\(isStylizer ? "" : "opticalflow ! ")\(element) name=element \(property)=\(none)")
        let before = frame.makeBytes()
        let object = try pipeline.child("element")
        #expect(
            try pass(pipeline) {
                gst_util_set_object_arg(
                    UnsafeMutableRawPointer(object).assumingMemoryBound(to: GObject.self), property, "1")
            } == before)
        if isStylizer { #expect(try pass(pipeline) != before) }
    }

    @Test func aWarningNamesTheModelThatFailed() throws {
        let folder = OptimizeFiles.newFolder("models")
        mkdir(folder, 0o700)
        let damaged = "\(folder)/damaged.safetensors"
        let file = try #require(fopen(damaged, "w"))
        fputs("no model", file)
        fclose(file)
        for property in ["model", "image-model"] {
            let pipeline = try pipeline("stylize name=element")
            let element = UnsafeMutableRawPointer(try pipeline.child("element")).assumingMemoryBound(to: GObject.self)
            _ = try pass(pipeline)
            var warning: String?
            while warning == nil {
                // During each frame the damaged model is requested, and another one after it.
                gst_util_set_object_arg(element, property, damaged)
                _ = try pass(pipeline, unmap: { gst_util_set_object_arg(element, property, "another") })
                warning = pipeline.waitForMessage([GST_MESSAGE_WARNING], nanoseconds: 0)?.text
            }
            #expect(warning?.contains("The model \(damaged) cannot be used") == true, "\(warning ?? "")")
        }
    }
}
