import CGStreamer
import Glibc
import GstPentimento
import Imaging
import Style
import TestSupport
import Testing

/// Changes of the model during playback, and the feedback of a stylizer in the chain.
@Suite(.serialized) struct StyleChangeTests {
    private let chain = "opticalflow ! occlusioncheck ! queue ! flowwarp ! queue ! stylize name=stylize"

    /// Processes one frame; `index` determines its time and motion.
    private func pass(_ pipeline: StylePipeline, _ index: Int) throws -> StylePipeline.Output {
        pipeline.push(patternFrame(48, 32, shift: index % 40), time: UInt64(index) * 40_000_000)
        return try #require(pipeline.pull())
    }

    /// A copy of the shipped model under another name and a damaged one, removed with the test.
    private func withModels(_ body: (_ other: String, _ damaged: String) throws -> Void) throws {
        var template = Array("/tmp/pentimento-models-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return }
        let folder = String(cString: made)
        let other = folder + "/other.safetensors"
        let damaged = folder + "/damaged.safetensors"
        defer {
            for path in [other, damaged] { unlink(path) }
            rmdir(folder)
        }
        let bytes = try #require(contents(of: StylePipeline.models + "/paintings.safetensors"))
        write(bytes, to: other)
        write(Array(bytes.prefix(9000)), to: damaged)
        try body(other, damaged)
    }

    @Test(.timeLimit(.minutes(2))) func modelChangesWithoutInterruption() throws {
        try withModels { other, _ in
            let pipeline = try #require(StylePipeline(chain))
            let reference = try #require(StylePipeline(chain))
            for each in [pipeline, reference] {
                each.set(caps: 48, 32)
                each.start()
            }
            pipeline.set("fade", of: "stylize", to: "0.2")
            for index in 0..<4 { #expect(try pass(pipeline, index).bytes == pass(reference, index).bytes) }
            pipeline.set("model", of: "stylize", to: other)
            // The same network under another name: only the prior of the first frame differs, as it is empty.
            var index = 4
            var changed = false
            while !changed, !Task.isCancelled {
                changed = try pass(pipeline, index).bytes != pass(reference, index).bytes
                index += 1
            }
            for _ in 0..<10 {
                let output = try pass(pipeline, index)
                #expect(output.time == UInt64(index) * 40_000_000)
                index += 1
            }
            #expect(pipeline.messages(GST_MESSAGE_WARNING).isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(2))) func invalidModelWarnsAndKeepsTheOldStyle() throws {
        try withModels { _, damaged in
            for (bad, word) in [
                (damaged, "damaged.safetensors"), ("/nowhere.safetensors", "nowhere"), ("screem", "scream"),
            ] {
                let pipeline = try #require(StylePipeline(chain))
                let reference = try #require(StylePipeline(chain))
                for each in [pipeline, reference] {
                    each.set(caps: 48, 32)
                    each.start()
                }
                _ = try (pass(pipeline, 0), pass(reference, 0))
                pipeline.set("model", of: "stylize", to: bad)
                var texts: [String] = []
                var index = 1
                while texts.isEmpty, !Task.isCancelled {
                    #expect(try pass(pipeline, index).bytes == pass(reference, index).bytes)
                    texts = pipeline.messages(GST_MESSAGE_WARNING)
                    index += 1
                }
                #expect(
                    texts.count == 1 && texts[0].contains(word) && texts[0].contains("The old style goes on."),
                    "\(texts)")
                for next in index..<index + 3 { _ = try pass(pipeline, next) }
                #expect(pipeline.messages(GST_MESSAGE_WARNING).isEmpty, "it says so once")
            }
        }
    }

    @Test func strengthZeroKeepsTheFeedback() throws {
        let faded = try #require(StylePipeline(chain))
        let full = try #require(StylePipeline(chain))
        for each in [faded, full] {
            each.set(caps: 48, 32)
            each.start()
        }
        faded.set("strength", of: "stylize", to: "0")
        for index in 0..<3 {
            #expect(try pass(faded, index).bytes == patternFrame(48, 32, shift: index))
            _ = try pass(full, index)
        }
        faded.set("strength", of: "stylize", to: "1")
        #expect(try pass(faded, 3).bytes == pass(full, 3).bytes)
    }

    @Test func scaleChangeStaysCoherent() throws {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: 48, 32)
        pipeline.start()
        for index in 0..<60 {
            if index == 3 { pipeline.set("scale", of: "stylize", to: "0.5") }
            if index == 30 { pipeline.set("scale", of: "stylize", to: "1") }
            #expect(try pass(pipeline, index).bytes.count == 48 * 32 * 3)
        }
        #expect(pipeline.messages(GST_MESSAGE_ERROR).isEmpty)
    }

    @Test(arguments: [1, 2]) func elementsMatchTheStylizerClass(every: Int) throws {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set("every", of: "stylize", to: "\(every)")
        pipeline.set("lookahead", of: "stylize", to: "false")
        pipeline.set(caps: 48, 32)
        pipeline.start()
        var settings = CoherentStylizer.Settings(style: StyleRequest(model: "scream"))
        settings.every = every
        let stylizer = try CoherentStylizer(settings, library: ModelLibrary(folders: [StylePipeline.models]))
        for index in 0..<6 {
            var bytes = patternFrame(48, 32, shift: index)
            try bytes.withUnsafeMutableBytes { memory in
                let base = try #require(memory.baseAddress)
                try stylizer.stylize(
                    PackedPixels(base: base, stride: 144, width: 48, height: 32, layout: .rgb),
                    time: Double(index) * 0.04)
            }
            #expect(try pass(pipeline, index).bytes == bytes, "frame \(index)")
        }
    }

    @Test func manyStartsStopsAndFlushesEnd() throws {
        let pipeline = try #require(StylePipeline(chain))
        for round in 0..<12 {
            pipeline.set(caps: 48, 32)
            pipeline.start()
            for index in 0..<3 { pipeline.push(patternFrame(48, 32), time: UInt64(index) * 40_000_000) }
            // Sometimes during a frame, sometimes while a model is being loaded.
            if round % 3 == 0 {
                pipeline.set("model", of: "stylize", to: StylePipeline.models + "/paintings.safetensors")
            }
            if round % 3 == 1 { _ = pipeline.pull() }
            if round % 4 == 2 {
                pipeline.flush()
                pipeline.push(patternFrame(48, 32), time: 0)
                #expect(pipeline.pull() != nil)
            }
            pipeline.stop()
            #expect(pipeline.messages(GST_MESSAGE_ERROR).isEmpty)
        }
    }
}

private func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: ftell(file))
    rewind(file)
    return fread(&bytes, 1, bytes.count, file) == bytes.count ? bytes : nil
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "wb") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}
