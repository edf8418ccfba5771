import CGStreamer
import MediaIO
import Synchronization

/// Gives painted frames to an output.
final class OutputPart: LivePart {
    let output: LiveOutput
    let flow = FlowCount()
    let slot = FrameSlot(capacity: 3)
    private let sound: LiveSound?
    private let said: @Sendable (Outcome) -> Void
    private let file = Mutex<RecordingFile?>(nil)

    /// What became of an output.
    enum Outcome {
        case begins(path: String)
        /// - isWhole: whether nothing failed before its end.
        case recorded(path: String, isWhole: Bool)
        case failed(String)
        /// It has failed, and is not tried again.
        case givenUp
        /// Its window was closed.
        case closed
    }

    init(_ output: LiveOutput, sound: LiveSound?, said: @escaping @Sendable (Outcome) -> Void) {
        (self.output, self.sound, self.said) = (output, sound, said)
    }

    var name: String { output.name }
    /// A file that fails is complete as far as it goes; so is a window that was closed.
    func retries(after failure: any Error) -> Bool { !output.isFile && !Self.isClosing(failure) }
    var isCompleted: Bool { output.isFile }

    var settling: Double { if case .stream = output { 2 } else { 0 } }

    func patience(hasFlowed: Bool) -> Double? { 10 }

    func build() throws -> Pipeline {
        slot.reopen()
        guard let frame = slot.first(), let format = frame.format else { throw MediaError("\(name): has no frames") }
        let rate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        let painted = PaintedFormat(width: format.width, height: format.height, rate: rate > 0 ? rate : 25)
        if output == .window, let problem = Screen.windowProblem { throw MediaError("\(name): \(problem)") }
        let elements = output.elements(painted, sound: sound)
        let pipeline = try Pipeline(
            parsing: "appsrc name=source is-live=true format=time ! \(elements)", input: name)
        pipeline.writesToNetwork = !output.isFile
        output.complete(pipeline, sound: sound)
        if case .file(let path) = output {
            let file = try RecordingFile(path)
            pipeline.set("location", of: "sink", to: file.temporaryPath)
            self.file.withLock { $0 = file }
            said(.begins(path: file.path))
        }
        flow.watch("sink", of: pipeline)
        slot.feed(pipeline)
        return pipeline
    }

    func ended(_ pipeline: Pipeline) throws { throw MediaError("\(name): takes no more") }

    func release() { slot.close() }

    func stop() { slot.end() }

    private static func isClosing(_ failure: any Error) -> Bool { "\(failure)".contains("window was closed") }

    func finish(_ failure: (any Error)?) {
        if let failure, Self.isClosing(failure) { said(.closed) }
        let file = file.withLock { file in
            defer { file = nil }
            return file
        }
        do throws(MediaError) {
            if let path = try file?.finish() { said(.recorded(path: path, isWhole: failure == nil)) }
        } catch {
            said(.failed("\(error); it is at \(file?.temporaryPath ?? name)"))
        }
        if failure != nil, output.isFile { said(.givenUp) }
    }
}

/// Makes small JPEG pictures of painted frames while somebody wants them.
final class PreviewPart: LivePart {
    let name = "preview"
    let flow = FlowCount()
    let slot: FrameSlot
    private let width: Int
    private let take: @Sendable ([UInt8]) -> Void

    init(width: Int, rate: Int, take: @escaping @Sendable ([UInt8]) -> Void) {
        slot = FrameSlot(capacity: 1, rate: rate)
        (self.width, self.take) = (width, take)
    }

    func patience(hasFlowed: Bool) -> Double? { nil }

    func build() throws -> Pipeline {
        slot.reopen()
        guard let format = slot.first()?.format else { throw MediaError("\(name): has no frames") }
        let width = min(width, format.width)
        let height = max(1, (format.height * width + format.width / 2) / format.width)
        let pipeline = try Pipeline(
            parsing: """
                appsrc name=source is-live=true format=time ! videoscale add-borders=false \
                ! video/x-raw,width=\(width),height=\(height),pixel-aspect-ratio=[1/100,100/1] ! videoconvert \
                ! jpegenc quality=75 ! appsink name=sink sync=false max-buffers=1 enable-last-sample=false wait-on-eos=false
                """, input: name)
        slot.feed(pipeline)
        FrameTap.attach(to: pipeline, "sink") { [self] sample in
            guard let buffer = gst_sample_get_buffer(sample) else { return }
            flow.add()
            let size = gst_buffer_get_size(buffer)
            take(
                [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, count in
                    count = Int(gst_buffer_extract(buffer, 0, bytes.baseAddress, size))
                })
        }
        return pipeline
    }

    func release() { slot.close() }

    func stop() { slot.end() }
}
