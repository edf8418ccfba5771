import Flow
import Glibc
import Imaging
import Support

/// Constant camera motion over a planar scene, as a change per frame.
struct CameraMotion {
    /// Translation in pixels.
    var shift = (x: 0.0, y: 0.0)
    /// Logarithm of the scale: above 0 the camera moves back.
    var zoom = 0.0
    /// Rotation in radians.
    var turn = 0.0

    /// The kinds of motion that a ``SequenceMix`` weights.
    enum Kind: CaseIterable {
        case still, shift, zoom, rotation
    }

    /// - Parameters:
    ///   - steps: number of frame transitions; with many, each is small, so that the camera does not leave the scene.
    ///   - size: side of the frames in pixels.
    init(_ kind: Kind, steps: Int, size: Int, random: inout SplitMix) {
        guard kind != .still, steps > 0 else { return }
        let reach = min(12, Double(size) / 6, 72 / Double(steps))
        shift = (random.next(within: reach), random.next(within: reach))
        switch kind {
        case .zoom: zoom = random.next(within: min(0.03, 0.12 / Double(steps)))
        case .rotation: turn = random.next(within: min(2.5, 10 / Double(steps)) * .pi / 180)
        case .still, .shift: break
        }
    }

    /// For each frame, the map from its pixels to the scene. The scene's origin is the centre of the view in the middle
    /// of the motion.
    func maps(frames: Int, size: Int) -> [AffineMap] {
        let centre = Double(size - 1) / 2
        return (0..<frames).map { frame in
            let time = Double(frame) - Double(frames - 1) / 2
            let (scale, angle) = (exp(zoom * time), turn * time)
            let (along, across) = (scale * cos(angle), scale * sin(angle))
            return AffineMap(
                xx: along, xy: -across, x: shift.x * time - along * centre + across * centre,
                yx: across, yy: along, y: shift.y * time - across * centre - along * centre)
        }
    }
}

extension SequenceMix {
    /// Draws a kind of motion by weight; `shift` if no synthetic motion has a weight.
    func motion(_ random: inout SplitMix) -> CameraMotion.Kind {
        func weight(_ kind: CameraMotion.Kind) -> Double {
            switch kind {
            case .still: still
            case .shift: shift
            case .zoom: zoom
            case .rotation: rotation
            }
        }
        var rest = random.next(from: 0, to: CameraMotion.Kind.allCases.reduce(0) { $0 + weight($1) })
        for kind in CameraMotion.Kind.allCases {
            rest -= weight(kind)
            if rest < 0 { return kind }
        }
        return .shift
    }
}
