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

    /// Checks that there are frames, and that none is missing between others: flow leads to the next one.
    ///
    /// - Throws: ``EvaluationError`` that names what is missing.
    public func checkFrames() throws {
        guard let first = frames.first else {
            throw EvaluationError("scene \(name): has no frames (frame_0001.png, ...)")
        }
        let numbers = frames.map { Int(SintelScene.stem(of: $0).dropFirst("frame_".count)) }
        for (index, number) in numbers.enumerated() where index > 0 {
            guard let number, let before = numbers[index - 1] else { continue }
            if number != before + 1 {
                throw EvaluationError(
                    "scene \(name): frame \(before + 1) is missing after \(frames[index - 1]); add it, or take away those "
                        + "before or after it")
            }
        }
        if numbers.contains(nil) {
            throw EvaluationError("scene \(name): frames are frame_0001.png and so on, not as \(first)")
        }
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
        let flow = try flow(from: index)
        let invalid = "\(root)/invalid/\(name)/\(stem).png"
        let masks =
            ["\(root)/occlusions/\(name)/\(stem).png"]
            + (Files.exists(invalid) ? [invalid] : [])
        return try Motion(
            flow: flow,
            masks: masks.map { path in
                let mask = try mask(path)
                guard mask.width == flow.width, mask.height == flow.height else {
                    throw EvaluationError(
                        "\(path): is \(mask.width) x \(mask.height), the flow \(flow.width) x \(flow.height); they must agree"
                    )
                }
                return mask
            })
    }

    /// Whether there is a true flow from frame `index`, counted from 0, to the next one.
    public func hasFlow(from index: Int) -> Bool {
        index + 1 < frames.count && Files.exists(flowPath(from: index))
    }

    /// Whether there is a mask of pixels of frame `index`, counted from 0, that are hidden in the next one.
    public func hasMask(from index: Int) -> Bool {
        Files.exists("\(root)/occlusions/\(name)/\(SintelScene.stem(of: frames[index])).png")
    }

    /// The true flow from frame `index`, counted from 0, to the next one.
    /// - Throws: errors of reading.
    public func flow(from index: Int) throws -> FlowField { try FlowField(contentsOf: flowPath(from: index)) }

    private func flowPath(from index: Int) -> String {
        "\(root)/flow/\(name)/\(SintelScene.stem(of: frames[index])).flo"
    }

    /// Tells scenes apart whose frames or true motions differ: SHA-256 of the files' names, lengths and times of change.
    package var identity: String {
        let text = frames.map { path in
            let stem = SintelScene.stem(of: path)
            let motion = ["flow/\(name)/\(stem).flo", "occlusions/\(name)/\(stem).png", "invalid/\(name)/\(stem).png"]
            let facts = ([path] + motion.map { "\(root)/\($0)" }).map { path in
                Files.facts(of: path).map { "\($0.length) \($0.modified)" } ?? "none"
            }
            return "\(stem) \(facts.joined(separator: ", "))"
        }.joined(separator: "\n")
        return sha256(Array("\(name)\n\(text)".utf8)[...])
    }

    private static func isFrame(_ file: String) -> Bool { file.hasPrefix("frame_") && file.hasSuffix(".png") }

    private static func stem(of path: String) -> String {
        String((path.split(separator: "/").last ?? "").dropLast(".png".count))
    }
}
