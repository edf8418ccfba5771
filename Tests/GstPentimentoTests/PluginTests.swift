import CGStreamer
import Foundation
import Glibc
import GstPentimento
import TestSupport
import Testing

/// Loading of the plugin and the elements' properties.
@Suite struct PluginTests {
    /// The folder of the test program and the built plugin.
    private static let folder: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let length = max(readlink("/proc/self/exe", &path, path.count - 1), 0)
        let program = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }()

    /// The output of a command whose environment has only the plugin's folder.
    private func run(_ command: String) throws -> (output: String, status: Int32) {
        let registry = "\(FileManager.default.temporaryDirectory.path)/pentimento-registry-\(UUID().uuidString)"
        defer { unlink(registry) }
        let line =
            "env -i PATH=/usr/bin:/bin GST_PLUGIN_PATH='\(Self.folder)' GST_REGISTRY='\(registry)' \(command) 2>&1"
        let pipe = try #require(popen(line, "r"))
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, pipe)
            if count == 0 { break }
            output += block[..<count]
        }
        let status = pclose(pipe)
        return (String(decoding: output, as: UTF8.self), status)
    }

    /// A property that an element declares but does not list in its table would always have its default.
    @Test func everyPropertyIsListed() throws {
        let folder = "\(TestData.repository)/Plugins/GstPentimento"
        var count = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
            let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            let tables = source.matches(of: /(?:properties: |\[any PropertyDeclaration\] = )\[([^\]]*)\]/)
            let listed = tables.flatMap { $0.1.split { !$0.isLetter && $0 != "." } }
            for declared in source.matches(of: /static let (\w+) = (?:Settings)?Property[<(]/) {
                count += 1
                #expect(listed.contains(declared.1), "\(file): \(declared.1)")
            }
        }
        #expect(count > 60)
    }

    @Test func loadsByItselfAndListsItsElements() throws {
        try #require(access("\(Self.folder)/libgstpentimento.so", R_OK) == 0, "the plugin is built with the tests")
        let list = try run("gst-inspect-1.0 pentimento")
        #expect(list.status == 0)
        for name in [
            "opticalflow", "occlusioncheck", "flowwarp", "stylize", "styleoptimize", "flowdraw", "temporalmeter",
            "coherentstylize", "cubemapsplit", "spherestylize", "cubemapjoin",
        ] {
            #expect(list.output.contains("  \(name): "), "\(list.output)")
        }
    }

    @Test func inspectionTellsTypesRangesAndChoices() throws {
        let flow = try run("gst-inspect-1.0 opticalflow").output
        #expect(
            flow.contains("(0): ultrafast") && flow.contains("(3): quality") && flow.contains("Default: 1, \"fast\""))
        #expect(flow.contains("Double. Range:               0 -               1 Default:               0"))
        #expect(flow.contains("changeable in NULL, READY, PAUSED or PLAYING state"))
        let check = try run("gst-inspect-1.0 occlusioncheck").output
        for name in [
            "consistency-scale", "consistency-offset", "boundary-scale", "boundary-offset", "motion-boundaries",
            "min-filter",
        ] {
            #expect(check.contains("  \(name)"))
        }
        let warp = try run("gst-inspect-1.0 flowwarp").output
        for name in ["source", "interpolation", "fill", "seed"] { #expect(warp.contains("  \(name) ")) }
        #expect(warp.contains("Default: 1, \"bicubic\"") && warp.contains("(2): noise"))
    }

    @Test func runsFromTheCommandLine() throws {
        let result = try run(
            "gst-launch-1.0 -q videotestsrc num-buffers=4 ! video/x-raw,width=48,height=32 ! videoconvert ! opticalflow ! "
                + "occlusioncheck ! queue ! flowwarp source=input ! fakesink")
        #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    }

    @Test func theBinShowsItsChildren() throws {
        let pipeline = try TestPipeline(
            "coherentstylize name=chain strength=0.5 preset=medium flow-scale=0.5 threads=1 flowwarp::fill=noise ! fakesink"
        )
        let bin = UnsafeMutableRawPointer(try pipeline.child("chain")).assumingMemoryBound(to: GObject.self)
        func text(_ name: String) throws -> String { try pipeline.text(name, of: "chain") }
        #expect(try text("stylize::strength") == "0.5" && text("strength") == "0.5")
        #expect(try text("opticalflow::preset") == "medium" && text("preset") == "medium")
        #expect(try text("opticalflow::scale") == "0.5" && text("scale") == "1")
        #expect(try text("flowwarp::fill") == "noise")
        #expect(try text("stylize::threads") == "1")
        gst_util_set_object_arg(bin, "min-filter", "3")
        #expect(try text("occlusioncheck::min-filter") == "3")
    }

    /// What is set itself wins, whether it is set before the quality or after it.
    @Test(arguments: ["quality=best flow-pixels=1000", "flow-pixels=1000 quality=best"])
    func qualitySetsWhatIsNotSetItself(text: String) throws {
        let pipeline = try TestPipeline("coherentstylize name=chain \(text) ! fakesink")
        #expect(try pipeline.text("preset", of: "chain") == "medium")
        #expect(try pipeline.text("stylize::every", of: "chain") == "1")
        #expect(try pipeline.text("opticalflow::pixels", of: "chain") == "1000")
        try pipeline.set("quality", of: "chain", to: "live")
        #expect(try pipeline.text("preset", of: "chain") == "medium")
        #expect(try pipeline.text("stylize::every", of: "chain") == "2")
        #expect(try Double(pipeline.text("stylize::brush", of: "chain")) == 1.15)
        #expect(try pipeline.text("flow-pixels", of: "chain") == "1000")
        try pipeline.set("quality", of: "chain", to: "auto")
        #expect(try pipeline.text("every", of: "chain") == "0")
        #expect(try pipeline.text("preset", of: "chain") == "medium" && pipeline.text("brush", of: "chain") == "1")
    }

    @Test(arguments: ["quality=live brush=0.5", "brush=0.5 quality=live"])
    func stylizeHasAQualityToo(text: String) throws {
        let pipeline = try TestPipeline("stylize name=stylizer \(text) ! fakesink")
        #expect(try pipeline.text("every", of: "stylizer") == "2" && pipeline.text("brush", of: "stylizer") == "0.5")
        try pipeline.set("quality", of: "stylizer", to: "best")
        #expect(try pipeline.text("every", of: "stylizer") == "1" && pipeline.text("brush", of: "stylizer") == "0.5")
    }

    @Test func theBinStylizesCoherently() throws {
        let frames = TestFrame.sequence(4)
        let whole = try TestPipeline.run(frames, through: "coherentstylize")
        let parts = try TestPipeline.run(
            frames, through: "opticalflow preset=medium ! occlusioncheck ! flowwarp ! stylize")
        #expect(whole.map(\.time) == parts.map(\.time) && whole.count == 4)
        let isSame = whole.map(\.bytes) == parts.map(\.bytes)
        #expect(isSame)
        let alone = try TestPipeline.run(frames, through: "stylize")
        let isOther = alone.last?.bytes != whole.last?.bytes && alone.first?.bytes == whole.first?.bytes
        #expect(isOther)
    }
}
