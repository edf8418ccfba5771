import CGStreamer
import GStreamerKit
import GstPentimento
import MediaIO
import Studio
import Synchronization

/// Sets the properties of the painter as a state says. Between two frames, so that what belongs together is set at once.
final class StyleControl: Sendable {
    private struct State {
        var wanted: StudioState
        var blend: StyleBlend
        /// Path of the mask; nil: none is wanted.
        var mask: String?
        /// What the painter has, by property.
        var applied: [String: String] = [:]
    }

    private let state: Mutex<State>
    private let styles: LiveStyles
    private let masks: LiveMasks
    /// By which the quality makes strokes larger.
    private let brush: Double

    init(_ styles: LiveStyles, _ masks: LiveMasks, _ first: StudioState, quality: Quality) {
        (self.styles, self.masks) = (styles, masks)
        brush = quality.settings["brush"].flatMap(Double.init) ?? 1
        state = Mutex(State(wanted: first, blend: StyleBlend(first, styles), mask: masks.path(of: first.mask)))
    }

    func apply(_ wanted: StudioState) {
        let (now, mask) = (clockTime(), masks.path(of: wanted.mask))
        state.withLock { state in
            state.mask = mask
            state.blend.change(from: state.wanted, to: wanted, styles, at: now)
            state.wanted = wanted
        }
    }

    /// Has a pipeline's painter follow the state.
    func attach(to pipeline: Pipeline) {
        state.withLock { $0.applied = [:] }
        guard let painter = pipeline.child("painter", { UInt(bitPattern: $0) }) else { return }
        // What is loaded when it starts.
        set(painter)
        _ = pipeline.child("stylize") { stylizer in
            guard let pad = gst_element_get_static_pad(stylizer, "sink") else { return }
            defer { gst_object_unref(pad) }
            let hold = Unmanaged.passRetained(Hold(control: self, painter: painter))
            gst_pad_add_probe(
                pad, GST_PAD_PROBE_TYPE_BUFFER,
                { _, _, data in
                    if let data {
                        let hold = Unmanaged<Hold>.fromOpaque(data).takeUnretainedValue()
                        hold.control.set(hold.painter)
                    }
                    return GST_PAD_PROBE_OK
                }, hold.toOpaque(), { data in if let data { Unmanaged<Hold>.fromOpaque(data).release() } })
        }
    }

    private final class Hold: Sendable {
        let control: StyleControl
        /// Address of the element, which outlives its child's pad.
        let painter: UInt

        init(control: StyleControl, painter: UInt) { (self.control, self.painter) = (control, painter) }
    }

    /// Sets those properties that differ.
    private func set(_ painter: UInt) {
        let changes = state.withLock { state in
            let values = values(&state)
            let changes = values.filter { state.applied[$0.key] != $0.value }
            state.applied = values
            return changes
        }
        guard !changes.isEmpty, let element = Pipeline.Element(bitPattern: painter) else { return }
        for (name, value) in changes { element.set(name, to: value) }
    }

    private func values(_ state: inout State) -> [String: String] {
        let wanted = state.wanted
        var values = [
            "model": state.blend.model, "style-mix": state.blend.mix(at: clockTime()),
            "strength": "\(wanted.isOriginal ? 0 : wanted.strength)", "coherence": "\(wanted.coherence)",
            "fade": "\(wanted.fade)", "preserve-color": "\(wanted.preserveColor)", "brush": "\(wanted.brush * brush)",
            "mask": wanted.isMasked && state.mask != nil ? "picture" : "none", "mask-invert": "\(wanted.invertMask)",
        ]
        values["mask-location"] = state.mask
        return values
    }
}

/// The shares of a model's styles, which move to other ones in some seconds. It costs no second network.
package struct StyleBlend: Sendable {
    /// Path of the model.
    package private(set) var model: String
    private var from: [String: Double] = [:]
    private var to: [String: Double]
    private var start: GstClockTime = 0
    private var seconds = 0.0

    package init(_ state: StudioState, _ styles: LiveStyles) {
        (model, to) = Self.target(state, styles) ?? (state.style, [:])
    }

    /// Another state is wanted.
    package mutating func change(from old: StudioState, to new: StudioState, _ styles: LiveStyles, at now: GstClockTime)
    {
        guard let (model, shares) = Self.target(new, styles), model != self.model || shares != to else { return }
        let isOtherStyle = old.style != new.style || (new.blend > 0 && old.secondStyle != new.secondStyle)
        from = self.shares(at: now)
        // Another model fades by itself; a slider is followed at once.
        seconds = model == self.model && isOtherStyle ? new.fade : 0
        (self.model, to, start) = (model, shares, now)
    }

    /// The shares as text, as the property `style-mix` has them; empty: the model has one style.
    package func mix(at now: GstClockTime) -> String {
        let shares = shares(at: now).filter { $0.value > 0 }
        if shares.count == 1, let only = shares.first { return only.key }
        return shares.sorted { $0.key < $1.key }.map { "\($0.key):\(Float($0.value))" }.joined(separator: ",")
    }

    private func shares(at now: GstClockTime) -> [String: Double] {
        let share = seconds > 0 ? now.seconds(since: start) / seconds : 1
        guard share < 1 else { return to }
        var result: [String: Double] = [:]
        for name in Set(from.keys).union(to.keys) {
            result[name] = (1 - share) * (from[name] ?? 0) + share * (to[name] ?? 0)
        }
        return result
    }

    private static func target(_ state: StudioState, _ styles: LiveStyles) -> (String, [String: Double])? {
        guard let first = styles.choice(state.style) else { return nil }
        guard let style = first.style else { return (first.model, [:]) }
        let second = styles.choice(state.secondStyle)
        guard let second, second.model == first.model, let other = second.style, other != style, state.blend > 0 else {
            return (first.model, [style: 1])
        }
        if state.blend >= 1 { return (first.model, [other: 1]) }
        return (first.model, [style: 1 - state.blend, other: state.blend])
    }
}
