import CGStreamer
import GStreamerKit
import Imaging

/// How much of a frame an element handles.
enum TestAmount: String, PropertyChoice {
    case none, half
    case whole = "full-frame"

    static var typeName: String { "PentimentoTestAmount" }
    var blurb: String { "\(rawValue), an amount" }
}

/// Inverts all bytes of the pixels. It has a property of each type, notes which of its functions are called, and runs
/// the test's code in them.
class TestInvert: TransformElement, @unchecked Sendable {
    static let active = Property<Bool>(
        "active", nick: "Active", blurb: "Whether it inverts", default: true, flags: .mutablePlaying)
    static let count = Property<Int>(
        "count", nick: "Count", blurb: "A number", range: -5...100, default: 7, flags: [])
    static let limit = Property<UInt64>(
        "limit", nick: "Limit", blurb: "A large number", range: 1...UInt64.max, default: 1 << 40, flags: .mutableReady)
    static let strength = Property<Double>(
        "strength", nick: "Strength", blurb: "A share", range: 0...1, default: 0.5,
        flags: [.mutablePlaying, .controllable])
    static let label = Property<String>("label", nick: "Label", blurb: "A text", default: "none", flags: [])
    static let amount = Property<TestAmount>(
        "amount", nick: "Amount", blurb: "A choice", default: .half, flags: .mutablePlaying)
    static let frames = Property<UInt64>(
        "frames", nick: "Frames", blurb: "Frames so far", range: 0...UInt64.max, default: 0, flags: .readOnly)
    static let table: [any PropertyDeclaration] = [active, count, limit, strength, label, amount, frames]

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "testinvert", typeName: "PentimentoTestInvert", longName: "Test inversion",
        classification: "Filter/Effect/Video", about: "Inverts frames", author: "Tests", properties: table)

    /// The test's code for each function. Set it before the element starts.
    struct Hooks {
        var willStart: () throws -> Void = {}
        var start: () throws -> Void = {}
        var formatChanged: (VideoFormat) throws -> Void = { _ in }
        /// Before the pixels are mapped.
        var frame: (UnsafeMutablePointer<GstBuffer>, PropertySnapshot) throws -> FrameHandling = { _, _ in .forward }
        var sinkEvent: (UnsafeMutablePointer<GstEvent>) -> EventHandling = { _ in .forward }
        var sourceEvent: (UnsafeMutablePointer<GstEvent>) -> EventHandling = { _ in .forward }
        var sinkQuery: (UnsafeMutablePointer<GstQuery>) -> Bool = { _ in false }
        var sourceQuery: (UnsafeMutablePointer<GstQuery>) -> Bool = { _ in false }
    }

    var hooks = Hooks()
    /// The functions that were called, with the names of changed properties; not those of events and queries.
    var calls: [String] = []

    override func constructed() {
        super.constructed()
        calls.append("constructed")
    }

    override func propertyChanged(_ name: String) { calls.append("propertyChanged \(name)") }

    override func willStart() throws {
        calls.append("willStart")
        try hooks.willStart()
    }

    override func start() throws {
        calls.append("start")
        try hooks.start()
    }

    override func stop() { calls.append("stop") }
    override func willStop() { calls.append("willStop") }
    override func forgetAnswers() { calls.append("forgetAnswers") }

    override func formatChanged(to format: VideoFormat) throws {
        calls.append("formatChanged \(format.width)x\(format.height)")
        try hooks.formatChanged(format)
    }

    override func handle(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws -> FrameHandling {
        publish(settings[Self.frames] + 1, as: Self.frames)
        let handling = try hooks.frame(buffer, settings)
        guard settings[Self.active] else { return handling }
        try format.withPixels(of: buffer, writing: true) { pixels in
            for y in 0..<pixels.height {
                let row = pixels.base + y * pixels.stride
                for x in 0..<pixels.width * pixels.layout.bytesPerPixel {
                    row.storeBytes(of: ~row.load(fromByteOffset: x, as: UInt8.self), toByteOffset: x, as: UInt8.self)
                }
            }
        }
        return handling
    }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling { hooks.sinkEvent(event) }
    override func sourceEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling { hooks.sourceEvent(event) }
    override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { hooks.sinkQuery(query) }
    override func sourceQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { hooks.sourceQuery(query) }
}

/// Looks at frames and leaves them as they are.
final class TestLook: TestInvert, @unchecked Sendable {
    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "testlook", typeName: "PentimentoTestLook", longName: "Test look", classification: "Filter/Video",
        about: "Looks at frames", author: "Tests", properties: table)

    override class var isPassthrough: Bool { true }
}

/// Makes frames of every `divisor`-th pixel in both directions. Sizes that it does not divide are not supported.
final class TestReduce: ConvertingElement, @unchecked Sendable {
    static let divisor = Property<Int>(
        "divisor", nick: "Divisor", blurb: "Of width and height", range: 1...8, default: 2, flags: .mutableReady)

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "testreduce", typeName: "PentimentoTestReduce", longName: "Test reduction",
        classification: "Filter/Effect/Video", about: "Reduces frames", author: "Tests", properties: [divisor])

    /// The test's code. Set it before the element starts.
    var formatHook: (VideoFormat, VideoFormat) throws -> Void = { _, _ in }
    var frameHook: () throws -> Void = {}

    override func outputSize(width: Int, height: Int) throws -> (width: Int, height: Int) {
        let divisor = startSettings[Self.divisor]
        guard width % divisor == 0, height % divisor == 0 else {
            throw ElementError(.format, "\(width)x\(height) is not divisible by \(divisor).", remedy: "Scale it.")
        }
        return (width / divisor, height / divisor)
    }

    override func formatChanged(from input: VideoFormat, to output: VideoFormat) throws {
        try formatHook(input, output)
    }

    override func convert(
        _ input: UnsafeMutablePointer<GstBuffer>, _ inputFormat: VideoFormat,
        to output: UnsafeMutablePointer<GstBuffer>, _ outputFormat: VideoFormat
    ) throws {
        try frameHook()
        let factor = inputFormat.width / outputFormat.width
        try inputFormat.withPixels(of: input, writing: false) { from in
            try outputFormat.withPixels(of: output, writing: true) { to in
                let size = to.layout.bytesPerPixel
                for y in 0..<to.height {
                    for x in 0..<to.width {
                        (to.base + y * to.stride + x * size).copyMemory(
                            from: from.base + y * factor * from.stride + x * factor * size, byteCount: size)
                    }
                }
            }
        }
    }
}

/// Inverts and reduces: `testinvert ! queue ! testreduce`.
final class TestChain: BinElement, @unchecked Sendable {
    override class var proxies: [ProxiedProperty] { shown }
    private static let shown = [
        ProxiedProperty(TestInvert.strength, of: "testinvert"),
        ProxiedProperty(TestInvert.amount, of: "testinvert", as: "inverted-amount"),
        ProxiedProperty(TestInvert.label, of: "testinvert"),
        ProxiedProperty(TestReduce.divisor, of: "testreduce"),
    ]
    /// A property of the bin itself.
    static let note = Property<String>("note", nick: "Note", blurb: "A text", default: "", flags: [])

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "testchain", typeName: "PentimentoTestChain", longName: "Test chain",
        classification: "Filter/Effect/Video", about: "Inverts and reduces frames", author: "Tests",
        properties: shown + [note])

    var changed: [String] = []

    override func constructed() {
        super.constructed()
        build(["testinvert", "queue", "testreduce"])
        configure("queue", "max-size-buffers", "3")
    }

    override func propertyChanged(_ name: String) { changed.append(name) }
}

/// A bin of which two elements are not installed.
final class TestIncompleteChain: BinElement, @unchecked Sendable {
    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "testincompletechain", typeName: "PentimentoTestIncompleteChain", longName: "Incomplete test chain",
        classification: "Filter/Effect/Video", about: "Lacks elements", author: "Tests", properties: [])

    override func constructed() {
        super.constructed()
        build(["notinstalled", "testinvert", "neitheristhis"])
    }
}

/// Initialises GStreamer and registers the test elements, once per process.
enum TestElements {
    static let areRegistered: Bool = {
        gst_init(nil, nil)
        let types: [Element.Type] = [
            TestInvert.self, TestLook.self, TestReduce.self, TestChain.self, TestIncompleteChain.self,
        ]
        return types.allSatisfy { $0.register(plugin: nil) }
    }()
}
