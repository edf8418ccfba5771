import ArgumentParser
import GStreamerKit
import GstPentimento
import MediaIO
import Style

/// Options for the model and its result.
struct StyleOptions: ParsableArguments {
    @Option(Stylize.model, name: "style") var style
    @Option(Stylize.styleMix) var styleMix
    @Option(optional: OpticalFlow.preset, name: "flow", default: "by --quality: medium") var flow
    @Option(optional: Stylize.brush, default: "by --quality: 1") var brush
    @Option(optional: Stylize.every, default: "by --quality: 1") var every
    @Option(Stylize.strength) var strength
    @Option(Stylize.coherence) var coherence
    @Flag(Stylize.preserveColor) var preserveColor
    @Option(Stylize.threads) var threads

    /// The stylizing element, named `stylizer`, in `gst-launch-1.0` syntax. ``names()`` are set separately.
    /// - Parameter scale: the working resolution as a fraction of the frame's, in place of the brush; nil: by the brush.
    func element(perFrame: Bool, quality: Quality = .best, scale: TypedSetting<Double>? = nil) -> String {
        let size: [(any PropertySetting)?] = scale == nil ? [brush] : [TypedSetting(Stylize.brush, 0), scale]
        let parts = perFrame ? size : size + [every, flow]
        return [perFrame ? "stylize" : "coherentstylize", "quality=\(quality.rawValue)"].joined(separator: " ")
            + " \(assignments(parts.compactMap(\.self))) \(properties)"
    }

    /// The elements that stylize stacked cube faces coherently, or each frame on its own.
    ///
    /// - Parameters:
    ///   - fill: the assignment of the property `fill`.
    ///   - more: further properties of `spherestylize`.
    func sphereElements(perFrame: Bool, quality: Quality, fill: String, more: String) -> String {
        func assignment(_ property: String, _ name: String) -> String {
            quality.settings[name].map { "\(property)=\($0)" } ?? ""
        }
        let stylizer =
            "spherestylize \(brush?.assignment ?? assignment("brush", "brush")) \(properties) \(more) \(fill)"
        if perFrame { return stylizer }
        // The queue lets the flow of the next frame be computed while one is stylized.
        return """
            opticalflow \(flow?.assignment ?? assignment("preset", "preset")) \(assignment("pixels", "flow-pixels")) \
            ! occlusioncheck ! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 ! flowwarp \(fill) ! \(stylizer)
            """
    }

    /// The properties that all stylizing elements share.
    private var properties: String {
        let shared: [any PropertySetting] = [
            strength, coherence, TypedSetting(Stylize.preserveColor, preserveColor), threads,
        ]
        return "name=stylizer \(assignments(shared))"
    }

    private func assignments(_ settings: [any PropertySetting]) -> String {
        settings.map(\.assignment).joined(separator: " ")
    }

    /// Factory names of the elements whose times are measured.
    static let measured = ["opticalflow", "occlusioncheck", "flowwarp", "stylize"]

    /// The properties of `stylizer` that are set separately, since they may need quotes.
    ///
    /// - Throws: `ModelLookupError` if there is no such model.
    func names() throws -> [(property: String, value: String)] {
        [
            (Stylize.model.name, try ModelLibrary.standard.resolved(style.value)),
            (Stylize.styleMix.name, styleMix.value),
        ]
    }

    /// Adds what pixels depend on.
    ///
    /// - Throws: if there is no such model.
    func add(to settings: inout PixelSettings, quality: Quality, perFrame: Bool) throws {
        try settings.add("style", style: style.value)
        settings.add("style-mix", styleMix.value)
        settings.add("per-frame", perFrame)
        for (name, value) in quality.settings { settings.add("quality-\(name)", value) }
        for setting in [brush, every] as [(any PropertySetting)?] {
            if let setting { settings.add(setting.name, setting.text) }
        }
        for setting in [strength, coherence] as [any PropertySetting] { settings.add(setting.name, setting.text) }
        settings.add("preserve-color", preserveColor)
    }
}
