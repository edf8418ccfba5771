import CGStreamer
import Imaging

/// An element whose frames go on as they are, with what a second input shows at the same time: a GstAggregator with the pads
/// `sink` and `src`, and one more that is requested by its name.
///
/// The second input may have any rate. Its latest frame that has begun is taken, or the first one before that; once it
/// has ended, its last one. A live pipeline waits for it no longer than its latency.
open class CombiningElement: Element, @unchecked Sendable {
    /// Name and caps of the second input's pad.
    open class var secondInput: (name: String, caps: String) { preconditionFailure("subclasses override secondInput") }

    /// Called with the caps of the second input's next frames.
    open func receives(_ caps: UnsafeMutablePointer<GstCaps>?) {}

    /// Called with each new frame of the second input.
    open func received(_ buffer: UnsafeMutablePointer<GstBuffer>) throws {}

    /// Attaches to a frame, whose buffer is writable, what the second input shows.
    open func combine(_ frame: UnsafeMutablePointer<GstBuffer>) throws {}

    /// Forgets what the second input has shown: at the stop and after a flush.
    open func forget() {}

    private var main: UnsafeMutablePointer<GstAggregatorPad>?
    /// When the second input's last frame ends, in running time; its beginning if it has no duration.
    private var shownUntil: GstClockTime?

    private var aggregator: UnsafeMutablePointer<GstAggregator> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstAggregator.self)
    }

    open override func constructed() {
        super.constructed()
        let type = UnsafeRawPointer(object).load(as: UnsafeMutablePointer<GstElementClass>.self)
        guard let template = gst_element_class_get_pad_template(type, "sink"),
            let pad = gst_pad_new_from_template(template, "sink")
        else { return }
        gst_element_add_pad(element, pad)
        main = aggregatorPad(pad)
    }

    fileprivate func forgetInput() {
        shownUntil = nil
        forget()
    }

    // MARK: - Frames

    fileprivate func aggregate(isLate: Bool) -> GstFlowReturn {
        guard let main else { return GST_FLOW_ERROR }
        guard let frame = gst_aggregator_pad_peek_buffer(main) else {
            return gst_aggregator_pad_is_eos(main) != 0 ? GST_FLOW_EOS : Self.needsData
        }
        defer { gst_buffer_unref(frame) }
        let time = gst_segment_to_running_time(&main.pointee.segment, GST_FORMAT_TIME, frame.pointee.pts)
        do {
            guard try follow(to: time, isLate: isLate) else { return Self.needsData }
        } catch {
            post(.error, ElementError(error))
            return GST_FLOW_ERROR
        }
        return send()
    }

    /// GST_AGGREGATOR_FLOW_NEED_DATA, a macro that Swift does not import.
    private static let needsData = GST_FLOW_CUSTOM_ERROR

    /// Takes the second input's frames up to a running time.
    ///
    /// - Returns: false if more of them have to arrive first.
    private func follow(to time: GstClockTime, isLate: Bool) throws -> Bool {
        // Referenced, since an application may release it at any time.
        guard let pad = gst_element_get_static_pad(element, Self.secondInput.name) else { return true }
        defer { gst_object_unref(pad) }
        let second = aggregatorPad(pad)
        while true {
            if let shownUntil, time < shownUntil { return true }
            guard let buffer = gst_aggregator_pad_peek_buffer(second) else {
                return isLate || gst_aggregator_pad_is_eos(second) != 0
            }
            defer { gst_buffer_unref(buffer) }
            let start = gst_segment_to_running_time(&second.pointee.segment, GST_FORMAT_TIME, buffer.pointee.pts)
            let isTimed = start != GstClockTime.max && time != GstClockTime.max
            if isTimed, start > time, shownUntil != nil { return true }
            gst_aggregator_pad_drop_buffer(second)
            // A gap.
            guard gst_buffer_get_size(buffer) > 0 else { continue }
            try received(buffer)
            // The first one may begin later than the frame. Without times there is one for each frame.
            shownUntil = isTimed ? end(of: buffer, from: start) : 0
            if !isTimed || start > time { return true }
        }
    }

    /// `start` and the buffer's duration, if it has one.
    private func end(of buffer: UnsafeMutablePointer<GstBuffer>, from start: GstClockTime) -> GstClockTime {
        let duration = buffer.pointee.duration
        return duration < GstClockTime.max - start ? start + duration : start
    }

    /// Sends the frame that waits.
    private func send() -> GstFlowReturn {
        guard let main, let waiting = gst_aggregator_pad_pop_buffer(main) else { return GST_FLOW_OK }
        guard gst_buffer_get_size(waiting) > 0 else {
            gst_buffer_unref(waiting)
            return GST_FLOW_OK
        }
        guard let writable = gst_mini_object_make_writable(miniObject(waiting)) else { return GST_FLOW_ERROR }
        let frame = UnsafeMutableRawPointer(writable).assumingMemoryBound(to: GstBuffer.self)
        do {
            try combine(frame)
        } catch {
            gst_buffer_unref(frame)
            post(.error, ElementError(error))
            return GST_FLOW_ERROR
        }
        note(endOf: frame)
        return gst_aggregator_finish_buffer(aggregator, frame)
    }

    /// A live pipeline's next deadline is counted from there.
    private func note(endOf frame: UnsafeMutablePointer<GstBuffer>) {
        guard frame.pointee.pts != GstClockTime.max, let source = aggregator.pointee.srcpad else { return }
        aggregatorPad(source).pointee.segment.position = end(of: frame, from: frame.pointee.pts)
    }

    // MARK: - Events and queries

    /// Whether the event was taken and must not be handled by the base class.
    fileprivate func take(
        _ event: UnsafeMutablePointer<GstEvent>, on pad: UnsafeMutablePointer<GstAggregatorPad>
    ) -> Bool {
        switch event.pointee.type {
        case GST_EVENT_CAPS:
            var caps: UnsafeMutablePointer<GstCaps>?
            gst_event_parse_caps(event, &caps)
            if pad == main { gst_aggregator_set_src_caps(aggregator, caps) } else { receives(caps) }
            release(event)
            return true
        case GST_EVENT_SEGMENT where pad == main:
            var segment: UnsafePointer<GstSegment>?
            gst_event_parse_segment(event, &segment)
            if let segment, segment.pointee.format == GST_FORMAT_TIME {
                gst_aggregator_update_segment(aggregator, segment)
            }
            return false
        default: return false
        }
    }

    /// Answers what is asked of the frames' way through this element; nil: the base class answers.
    fileprivate func answer(
        _ query: UnsafeMutablePointer<GstQuery>, on pad: UnsafeMutablePointer<GstAggregatorPad>
    ) -> Bool? {
        guard pad == main, let source = aggregator.pointee.srcpad else { return nil }
        switch query.pointee.type {
        case GST_QUERY_CAPS, GST_QUERY_ACCEPT_CAPS:
            return answerCaps(query, from: plainPad(pad), to: source)
        case GST_QUERY_ALLOCATION, GST_QUERY_CUSTOM: return gst_pad_peer_query(source, query) != 0
        default: return nil
        }
    }

    fileprivate func answer(_ query: UnsafeMutablePointer<GstQuery>) -> Bool? {
        guard let main, let source = aggregator.pointee.srcpad else { return nil }
        switch query.pointee.type {
        case GST_QUERY_CAPS: return answerCaps(query, from: source, to: plainPad(main))
        case GST_QUERY_POSITION, GST_QUERY_DURATION, GST_QUERY_URI, GST_QUERY_CUSTOM:
            return gst_pad_peer_query(plainPad(main), query) != 0
        default: return nil
        }
    }

    /// Answers by the caps beyond another pad.
    private func answerCaps(
        _ query: UnsafeMutablePointer<GstQuery>, from pad: UnsafeMutablePointer<GstPad>,
        to other: UnsafeMutablePointer<GstPad>
    ) -> Bool? {
        guard let template = gst_pad_get_pad_template_caps(pad) else { return nil }
        defer { gst_mini_object_unref(miniObject(template)) }
        if query.pointee.type == GST_QUERY_ACCEPT_CAPS {
            var caps: UnsafeMutablePointer<GstCaps>?
            gst_query_parse_accept_caps(query, &caps)
            gst_query_set_accept_caps_result(query, gst_caps_is_subset(caps, template))
            return true
        }
        var filter: UnsafeMutablePointer<GstCaps>?
        gst_query_parse_caps(query, &filter)
        guard let beyond = gst_pad_peer_query_caps(other, filter) else { return nil }
        let answer = gst_caps_intersect_full(beyond, template, GST_CAPS_INTERSECT_FIRST)
        gst_mini_object_unref(miniObject(beyond))
        gst_query_set_caps_result(query, answer)
        answer.map { gst_mini_object_unref(miniObject($0)) }
        return true
    }

    // MARK: - Pads

    /// The second input's pad; nil if there is one.
    fileprivate func makeSecond(
        _ template: UnsafeMutablePointer<GstPadTemplate>?
    ) -> UnsafeMutablePointer<GstAggregatorPad>? {
        if let pad = gst_element_get_static_pad(element, Self.secondInput.name) {
            gst_object_unref(pad)
            return nil
        }
        return template.flatMap { gst_pad_new_from_template($0, Self.secondInput.name) }.map(aggregatorPad)
    }

    static func registerCombiningType() -> GType {
        registerType(self, parent: gst_aggregator_get_type()) { type, data in
            guard let type, let data, let side = swiftType(of: data) as? CombiningElement.Type else { return }
            let padType = gst_aggregator_pad_get_type()
            initializeElementClass(type, data, padType: padType)
            if let caps = gst_caps_from_string(side.secondInput.caps) {
                gst_element_class_add_pad_template(
                    type.assumingMemoryBound(to: GstElementClass.self),
                    gst_pad_template_new_with_gtype(
                        side.secondInput.name, GST_PAD_SINK, GST_PAD_REQUEST, caps, padType))
                gst_mini_object_unref(miniObject(caps))
            }
            fillAggregatorClass(type.assumingMemoryBound(to: GstAggregatorClass.self))
        }
    }
}

private func plainPad(_ pad: UnsafeMutablePointer<GstAggregatorPad>) -> UnsafeMutablePointer<GstPad> {
    UnsafeMutableRawPointer(pad).assumingMemoryBound(to: GstPad.self)
}

private func aggregatorPad(_ pad: UnsafeMutablePointer<GstPad>) -> UnsafeMutablePointer<GstAggregatorPad> {
    UnsafeMutableRawPointer(pad).assumingMemoryBound(to: GstAggregatorPad.self)
}

private func combiningSide<Instance>(_ instance: UnsafeMutablePointer<Instance>?) -> CombiningElement? {
    swiftSide(instance) as? CombiningElement
}

private func fillAggregatorClass(_ type: UnsafeMutablePointer<GstAggregatorClass>) {
    typealias Parent = GstAggregatorClass
    // Caps are those of the frames.
    type.pointee.negotiate = nil
    type.pointee.get_next_time = { gst_aggregator_simple_get_next_time($0) }
    type.pointee.aggregate = { instance, isLate in
        combiningSide(instance)?.aggregate(isLate: isLate != 0) ?? GST_FLOW_ERROR
    }
    type.pointee.stop = { instance in
        combiningSide(instance)?.forgetInput()
        return 1
    }
    type.pointee.flush = { instance in
        combiningSide(instance)?.forgetInput()
        return GST_FLOW_OK
    }
    type.pointee.create_new_pad = { instance, template, _, _ in combiningSide(instance)?.makeSecond(template) }
    type.pointee.sink_event = { instance, pad, event in
        if let side = combiningSide(instance), let pad, let event, side.take(event, on: pad) { return 1 }
        return parentClass(of: instance, as: Parent.self)?.pointee.sink_event?(instance, pad, event) ?? 0
    }
    type.pointee.sink_query = { instance, pad, query in
        if let side = combiningSide(instance), let pad, let query, let answer = side.answer(query, on: pad) {
            return answer ? 1 : 0
        }
        return parentClass(of: instance, as: Parent.self)?.pointee.sink_query?(instance, pad, query) ?? 0
    }
    type.pointee.src_query = { instance, query in
        if let side = combiningSide(instance), let query, let answer = side.answer(query) { return answer ? 1 : 0 }
        return parentClass(of: instance, as: Parent.self)?.pointee.src_query?(instance, query) ?? 0
    }
}
