import CGStreamer
import GStreamerKit
import Testing

/// Messages on the bus.
@Suite(.serialized) struct MessageTests {
    private static let kinds: [(ElementError.Kind, domain: String, code: UInt32)] = [
        (.notFound, "gst-resource-error-quark", GST_RESOURCE_ERROR_NOT_FOUND.rawValue),
        (.read, "gst-resource-error-quark", GST_RESOURCE_ERROR_READ.rawValue),
        (.store, "gst-resource-error-quark", GST_RESOURCE_ERROR_FAILED.rawValue),
        (.settings, "gst-library-error-quark", GST_LIBRARY_ERROR_SETTINGS.rawValue),
        (.format, "gst-stream-error-quark", GST_STREAM_ERROR_FORMAT.rawValue),
        (.decode, "gst-stream-error-quark", GST_STREAM_ERROR_DECODE.rawValue),
        (.failed, "gst-stream-error-quark", GST_STREAM_ERROR_FAILED.rawValue),
    ]

    @Test(arguments: kinds) func kindsHaveGStreamersDomains(
        kind: ElementError.Kind, domain: String, code: UInt32
    ) throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        for (severity, type) in [
            (MessageSeverity.error, GST_MESSAGE_ERROR), (.warning, GST_MESSAGE_WARNING), (.info, GST_MESSAGE_INFO),
        ] {
            side.post(severity, ElementError(kind, "Cause.", remedy: "Remedy."), line: 77, function: "work()")
            let messages = harness.messages(GST_MESSAGE_ERROR, GST_MESSAGE_WARNING, GST_MESSAGE_INFO)
            try #require(messages.count == 1)
            #expect(messages[0].type == type && messages[0].domain == domain && messages[0].code == Int(code))
            #expect(messages[0].text == "Cause. Remedy.")
            // The place, the element's path, and the cause.
            #expect(messages[0].debug.hasPrefix("testinvert(77): work() (): "), "\(messages[0].debug)")
            #expect(messages[0].debug.contains("e:\nCause."), "\(messages[0].debug)")
        }
    }

    @Test func errorsAreText() {
        struct Other: Error, CustomStringConvertible { let description = "other trouble" }
        #expect(ElementError(.read, "Cause.", remedy: "").description == "Cause.")
        let wrapped = ElementError(Other())
        #expect(wrapped.description == "other trouble" && wrapped.remedy.isEmpty)
        guard case .failed = wrapped.kind else {
            Issue.record("another kind")
            return
        }
        guard case .decode = ElementError(ElementError(.decode, "x", remedy: "y") as any Error).kind else {
            Issue.record("the kind is lost")
            return
        }
    }

    @Test func warningsComeOncePerKindAndStart() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        side.hooks.frame = { _, _ in
            side.warnOnce("flow", "it is empty")
            side.warnOnce("certainty", "it is too large")
            side.warnOnce("flow", "it is too short")
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        let expected = [
            "Frames come with flow that is invalid: it is empty. It is ignored. "
                + "Check the element that attaches or changes it.",
            "Frames come with certainty that is invalid: it is too large. It is ignored. "
                + "Check the element that attaches or changes it.",
        ]
        for index in 0..<3 { #expect(harness.push(Frame.make(4, 2, index: index)) == GST_FLOW_OK) }
        let warnings = harness.messages(GST_MESSAGE_WARNING)
        #expect(warnings.map(\.text) == expected && warnings.allSatisfy { $0.domain == "gst-stream-error-quark" })
        #expect(harness.setState(GST_STATE_READY) && harness.setState(GST_STATE_PLAYING))
        side.warnOnce("flow", "it is empty")
        #expect(harness.messages(GST_MESSAGE_WARNING).map(\.text) == [expected[0]])
    }

    @Test func elementMessagesHaveTheirFields() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        side.post(message: "pentimento-test") {
            $0.set("number", 5)
            $0.set("text", "words")
        }
        // An invalid name is no message.
        side.post(message: "not a name") { _ in Issue.record("a structure without a name") }
        let messages = harness.messages(GST_MESSAGE_ELEMENT)
        #expect(messages.map(\.text) == ["pentimento-test, number=(int)5, text=(string)words;"])
    }

    /// Lines of the element's debug category, by level.
    @Test func traceLinesFollowTheThreshold() throws {
        let harness = try Harness("testinvert name=e")
        let side = try harness.side("e")
        let category = try #require(_gst_debug_get_category("testinvert"))
        let lines = Monitor<[String]>([])
        let note: GstLogFunction = { category, level, _, _, _, _, message, data in
            guard let data, String(glib: gst_debug_category_get_name(category)) == "testinvert" else { return }
            let lines = Unmanaged<Monitor<[String]>>.fromOpaque(data).takeUnretainedValue()
            lines.update { $0.append("\(level.rawValue) \(String(glib: gst_debug_message_get(message)))") }
        }
        let wasActive = gst_debug_is_active()
        gst_debug_set_active(1)
        gst_debug_add_log_function(note, Unmanaged.passUnretained(lines).toOpaque(), nil)
        defer {
            gst_debug_remove_log_function(note)
            gst_debug_category_reset_threshold(category)
            gst_debug_set_active(wasActive)
        }
        var evaluated = 0
        func text(_ word: String) -> String {
            evaluated += 1
            return word
        }
        func write() -> [String] {
            lines.update { $0 = [] }
            side.trace(text("trace"))
            side.debug(text("debug"))
            side.info(text("info"))
            side.warn(text("warning"))
            return lines.update { $0 }
        }
        gst_debug_category_set_threshold(category, GST_LEVEL_INFO)
        #expect(write() == ["\(GST_LEVEL_INFO.rawValue) info", "\(GST_LEVEL_WARNING.rawValue) warning"])
        #expect(evaluated == 2)
        gst_debug_category_set_threshold(category, GST_LEVEL_LOG)
        #expect(write().map { $0.split(separator: " ")[1] } == ["trace", "debug", "info", "warning"])
    }
}
