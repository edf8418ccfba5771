import Flow
import Imaging
import Support

/// The homography between the planes of two adjacent cube faces, and a window on each of them near their shared edge.
/// The neighbour is to the left of the face.
///
/// Positions in a face's plane are relative to the face's centre, in pixels. The position of a pixel is that of its
/// centre.
struct CubeEdgeHomography {
    private let size: Int
    /// From the cube's centre to a face: half of a face's width.
    private let distance: Double
    /// From a face's centre to the edge of the extended face.
    private let reach: Double
    /// Distance in pixels over which certainty rises from the inner edge of the border; in the paper it is a step.
    private let softness: Double
    /// Top left pixels of the windows.
    private let face: (x: Double, y: Double)
    private let neighbor: (x: Double, y: Double)
    /// Top left pixel of the scene. Both windows are sampled from the scene, an image in the face's plane, which is
    /// mirrored at its borders.
    private let scene: (x: Double, y: Double)
    let sceneWidth: Int
    let sceneHeight: Int

    init(size: Int, random: inout SplitMix) {
        self.size = size
        let length = Double(size)
        distance = (length * random.next(from: 1.5, to: 2.2)).rounded(.up)
        let overlap = (distance * random.next(from: 0.15, to: 0.25)).rounded(.up)
        reach = distance + overlap
        softness = overlap * random.next(from: 0.5, to: 1.5)
        // Anywhere along the edge, with at least 30 % of the border visible.
        let from = (x: overlap * random.next(from: 0, to: 0.7), y: (2 * reach - length) * random.next(from: 0, to: 1))
        face = (-reach + from.x.rounded() + 0.5, -reach + from.y.rounded() + 0.5)
        let drift = (x: overlap * random.next(from: 0, to: 0.5), y: random.next(within: length / 8))
        neighbor = (
            reach - length - drift.x.rounded() + 0.5,
            min(max(face.y + drift.y.rounded(), -reach + 0.5), reach - length + 0.5)
        )
        // What the scene shows to the left of the window on the face, and above and below it.
        let left = Int(max(0, face.x + 1.3 * reach).rounded(.up))
        let margin = (size + 2) / 3 + 2
        scene = (face.x - Double(left), face.y - Double(margin))
        (sceneWidth, sceneHeight) = (size + left, size + 2 * margin)
    }

    /// The window on the face: pixels of the scene without resampling.
    func face(of scene: Image) -> Image {
        scene.cropped(
            x: sceneWidth - size, y: Int(face.y - self.scene.y), width: size, height: size, threads: 1)
    }

    /// The window on the neighbour, whose plane is perpendicular to the scene.
    func neighbor(of scene: Image) -> Image {
        var offsets = FlowField(width: sceneWidth, height: sceneHeight)
        for y in 0..<size {
            for x in 0..<size {
                // Equation 22, from the neighbour's plane to the face's. In both planes x is perpendicular to the edge.
                let (neighborX, neighborY) = (neighbor.x + Double(x), neighbor.y + Double(y))
                let point = (x: -distance * distance / neighborX, y: distance * neighborY / neighborX)
                let pixel = y * sceneWidth + x
                offsets.u[pixel] = Float(mirrored(point.x - self.scene.x, sceneWidth) - Double(x))
                offsets.v[pixel] = Float(mirrored(point.y - self.scene.y, sceneHeight) - Double(y))
            }
        }
        return scene.warped(by: offsets, interpolation: .bicubic, threads: 1)
            .cropped(x: 0, y: 0, width: size, height: size, threads: 1)
    }

    /// Flow from the face's window to the neighbour's, with its certainty.
    func motion() -> Motion {
        var flow = FlowField(width: size, height: size)
        var certainty = Plane<Float>(width: size, height: size, repeating: 0)
        let inside = 0...Double(size - 1)
        for y in 0..<size {
            for x in 0..<size {
                let (faceX, faceY) = (face.x + Double(x), face.y + Double(y))
                guard faceX < 0 else { continue }
                let neighborX = distance * distance / -faceX
                let point = (x: neighborX - neighbor.x, y: distance * faceY / -faceX - neighbor.y)
                guard inside.contains(point.x), inside.contains(point.y) else { continue }
                let pixel = y * size + x
                flow.u[pixel] = Float(point.x - Double(x))
                flow.v[pixel] = Float(point.y - Double(y))
                certainty.values[pixel] = Float(min(1, (reach - neighborX) / softness))
            }
        }
        return Motion(flow: flow, certainty: certainty)
    }

    /// A position on a line of `count` pixels, mirrored at the ends until it is inside.
    private func mirrored(_ point: Double, _ count: Int) -> Double {
        let last = Double(max(count - 1, 1))
        let turn = point.truncatingRemainder(dividingBy: 2 * last)
        let positive = turn < 0 ? turn + 2 * last : turn
        return min(positive, 2 * last - positive)
    }
}
