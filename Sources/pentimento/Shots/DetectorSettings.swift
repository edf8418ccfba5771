import Conversions
import Flow
import GStreamerKit
import GstPentimento
import MediaIO
import Shots

extension Detector {
    /// The settings of `stylize`, or of `sphere` with faces.
    init(
        quality: Quality, flow: FlowPreset?, size: (width: Int, height: Int), _ settings: Conversion.Settings,
        faces: SphereOptions.Plan? = nil
    ) {
        self.init(
            painting: faces == nil ? "stylize" : "sphere",
            flow: flow?.rawValue ?? quality.settings["preset"] ?? OpticalFlow.preset.defaultValue.rawValue, scale: 0,
            pixels: quality.settings["flow-pixels"].flatMap { Int($0) } ?? FlowHistory.pixels,
            sceneCut: OpticalFlow.sceneCut.defaultValue, size: Self.text(size),
            deinterlace: settings.deinterlacing.rawValue, keepHDR: settings.keepsHDR,
            faces: faces.map(Self.text) ?? "")
    }

    /// The settings of `optimize`.
    init(optimizingWith flow: FlowPreset, size: (width: Int, height: Int), _ settings: Conversion.Settings) {
        self.init(
            painting: "optimize", flow: flow.rawValue, scale: 1, pixels: FlowHistory.pixels,
            sceneCut: OpticalFlow.sceneCut.defaultValue, size: Self.text(size),
            deinterlace: settings.deinterlacing.rawValue, keepHDR: settings.keepsHDR)
    }

    private static func text(_ size: (width: Int, height: Int)) -> String { "\(size.width)x\(size.height)" }

    private static func text(_ plan: SphereOptions.Plan) -> String {
        "\(plan.layout.rawValue) \(plan.geometry.faceSize)+\(plan.geometry.overlap)"
    }

    /// The elements that find the cuts, in `gst-launch-1.0` syntax.
    func elements(faces: SphereOptions.Plan? = nil) -> String {
        let split = faces.map { "\($0.split) ! " } ?? ""
        let finder = "opticalflow cuts-only=true preset=\(flow) scale=\(scale) pixels=\(pixels) scene-cut=\(sceneCut)"
        // styleoptimize takes RGB alone, so the chain sees the luma of that.
        return split + finder + (painting == "optimize" ? " ! video/x-raw,format=(string){ RGB, BGR, RGBx, BGRx }" : "")
    }
}
