import Flow
import Imaging
import Support

/// A scene of the MPI Sintel data set in its original folder layout: frames in `PASS/SCENE/frame_0001.png`, the flow to
/// the next frame in `flow/SCENE/frame_0001.flo`, and masks of pixels without a valid flow in
/// `occlusions/SCENE/frame_0001.png` and `invalid/SCENE/frame_0001.png`.
public struct SintelScene: Sendable, Equatable {
    /// Name of the scene's folder.
    public let name: String
    /// Paths of the frames, in order.
    public let frames: [String]
    /// The folder that contains `clean`, `flow` and `occlusions`.
    private let root: String

    /// The scenes of a data set, sorted by name.
    /// - Parameters:
    ///   - folder: the unpacked Sintel archive, or its `training` folder.
    ///   - pass: `clean` or `final`.
    /// - Throws: ``EvaluationError`` if the folder has another layout.
    public static func scenes(in folder: String, pass: String = "clean") throws -> [SintelScene] {
        let root = Files.exists("\(folder)/training") ? "\(folder)/training" : folder
        for needed in [pass, "flow", "occlusions"] where !Files.exists("\(root)/\(needed)") {
            throw EvaluationError(
                "\(folder): has no \(needed) folder; Sintel's layout is training/{\(pass),flow,occlusions}/SCENE/")
        }
        let names = Files.names(in: "\(root)/\(pass)")
        let scenes = names.compactMap { name -> SintelScene? in
            guard Files.exists("\(root)/flow/\(name)") else { return nil }
            let frames = Files.names(in: "\(root)/\(pass)/\(name)").filter(isFrame)
            return SintelScene(name: name, frames: frames.map { "\(root)/\(pass)/\(name)/\($0)" }, root: root)
        }
        guard !scenes.isEmpty else { throw EvaluationError("\(root)/\(pass): has no scene that \(root)/flow has too") }
        return scenes
    }

    /// Whether there is ground truth from frame `index`, counted from 0, to the next one. The last frame has none.
    public func hasMotion(from index: Int) -> Bool {
        guard frames.indices.contains(index) else { return false }
        let stem = SintelScene.stem(of: frames[index])
        return Files.exists("\(root)/flow/\(name)/\(stem).flo")
            && Files.exists("\(root)/occlusions/\(name)/\(stem).png")
    }

    /// Ground truth motion from frame `index`, counted from 0, to the next one.
    /// - Parameter mask: reads a greyscale PNG; this module has no PNG decoder.
    /// - Throws: errors of reading, and ``EvaluationError`` if a mask has another size.
    public func motion(from index: Int, mask: (String) throws -> Plane<UInt8>) throws -> Motion {
        let stem = SintelScene.stem(of: frames[index])
        let flow = try FlowField(contentsOf: "\(root)/flow/\(name)/\(stem).flo")
        let invalid = "\(root)/invalid/\(name)/\(stem).png"
        let masks =
            ["\(root)/occlusions/\(name)/\(stem).png"]
            + (Files.exists(invalid) ? [invalid] : [])
        return try Motion(flow: flow, masks: masks.map(mask))
    }

    private static func isFrame(_ file: String) -> Bool { file.hasPrefix("frame_") && file.hasSuffix(".png") }

    private static func stem(of path: String) -> String {
        String((path.split(separator: "/").last ?? "").dropLast(".png".count))
    }
}
