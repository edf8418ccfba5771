import Flow
import Glibc
import Imaging
import Support

/// A foreground object: a rounded piece of a photograph that moves over the scene.
struct Occluder {
    private let photograph: Photograph
    /// Half its mean width in pixels.
    private let radius: Double
    /// Deviation of the outline from a circle: relative height and phase of each harmonic, from the second on.
    private let bulges: [(height: Double, angle: Double)]
    /// Rotation in the first frame and per frame, in radians.
    private let angle: (start: Double, step: Double)
    /// Centre in the first frame and its motion per frame, in pixels.
    private let centre: (x: Double, y: Double)
    private let shift: (x: Double, y: Double)

    /// Width of the antialiased edge, in pixels.
    private static let edge = 1.5

    init(of photograph: Photograph, frames: Int, size: Int, random: inout SplitMix) {
        let side = Double(size)
        let steps = Double(max(1, frames - 1))
        self.photograph = photograph
        radius = max(1, random.next(from: 0.06, to: 0.22) * side)
        bulges = (0..<3).map { _ in (random.next(within: 0.16), random.next(within: .pi)) }
        angle = (random.next(within: .pi), random.next(within: min(4, 20 / steps) * .pi / 180))
        let reach = min(14, side / 6, 90 / steps)
        shift = (random.next(within: reach), random.next(within: reach))
        // Inside the frame in the middle of the motion.
        let middle = (x: random.next(from: 0, to: side), y: random.next(from: 0, to: side))
        centre = (middle.x - shift.x * steps / 2, middle.y - shift.y * steps / 2)
    }

    /// - Parameter frames: number of frames in which it is visible.
    func layer(frames: Int) -> SyntheticScene.Layer {
        let side = 2 * Int((radius * (1 + bulges.reduce(0) { $0 + abs($1.height) }) + Occluder.edge).rounded(.up)) + 2
        let middle = Double(side - 1) / 2
        let maps = (0..<frames).map { frame in
            let turn = angle.start + angle.step * Double(frame)
            let (along, across) = (cos(turn), sin(turn))
            let at = (x: centre.x + shift.x * Double(frame), y: centre.y + shift.y * Double(frame))
            return AffineMap(
                xx: along, xy: across, x: middle - along * at.x - across * at.y,
                yx: -across, yy: along, y: middle + across * at.x - along * at.y)
        }
        return SyntheticScene.Layer(texture: Texture(image(side: side, middle: middle)), maps: maps)
    }

    /// The centre of the photograph, with opacity as the fourth channel.
    private func image(side: Int, middle: Double) -> Image {
        let cut = min(photograph.width, photograph.height, 2 * side)
        let colors = photograph.cut(
            x: (photograph.width - cut) / 2, y: (photograph.height - cut) / 2, width: cut, height: cut
        ).resized(width: side, height: side, by: .linear, threads: 1)
        var opacity = [Float](repeating: 0, count: side * side)
        for y in 0..<side {
            for x in 0..<side {
                let (dx, dy) = (Double(x) - middle, Double(y) - middle)
                let inside = outline(at: atan2(dy, dx)) - (dx * dx + dy * dy).squareRoot()
                let part = min(max(inside / Occluder.edge + 0.5, 0), 1)
                opacity[y * side + x] = Float(part * part * (3 - 2 * part))
            }
        }
        return Image(width: side, height: side, channels: 4, samples: colors.samples + opacity)
    }

    /// Distance from the centre to the outline, in pixels.
    private func outline(at direction: Double) -> Double {
        var share = 1.0
        for (index, bulge) in bulges.enumerated() {
            share += bulge.height * cos(Double(index + 2) * (direction - bulge.angle))
        }
        return radius * share
    }
}
