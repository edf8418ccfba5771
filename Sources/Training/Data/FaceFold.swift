import Flow
import Imaging
import Support

/// Windows of two faces of a cube, on both sides of their common edge; the neighbour is on the left.
///
/// Places in a face's plane are in pixels from its middle, those of pixels at their centres.
struct FaceFold {
    private let size: Int
    /// From the cube's middle to a face: half a face's side.
    private let distance: Double
    /// From a face's middle to the edge of its extension.
    private let reach: Double
    /// Pixels over which certainty rises from the inner edge of what the neighbour shows; in the paper at once.
    private let softness: Double
    /// The first pixels of the windows.
    private let face: (x: Double, y: Double)
    private let neighbor: (x: Double, y: Double)
    /// The first pixel of the scene, a picture in the face's plane that both windows are made from; beyond it, it is mirrored.
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
        // Anywhere along the edge, with a third of the border or more to be seen.
        let from = (x: overlap * random.next(from: 0, to: 0.7), y: (2 * reach - length) * random.next(from: 0, to: 1))
        face = (-reach + from.x.rounded() + 0.5, -reach + from.y.rounded() + 0.5)
        let drift = (x: overlap * random.next(from: 0, to: 0.5), y: random.next(within: length / 8))
        neighbor = (
            reach - length - drift.x.rounded() + 0.5,
            min(max(face.y + drift.y.rounded(), -reach + 0.5), reach - length + 0.5)
        )
        let beyond = Int(max(0, face.x + 1.3 * reach).rounded(.up))
        let margin = (size + 2) / 3 + 2
        scene = (face.x - Double(beyond), face.y - Double(margin))
        (sceneWidth, sceneHeight) = (size + beyond, size + 2 * margin)
    }

    /// The face's window: the scene's own pixels.
    func face(of scene: Image) -> Image {
        scene.cropped(
            x: sceneWidth - size, y: Int(face.y - self.scene.y), width: size, height: size, threads: 1)
    }

    /// The neighbour's window, at a right angle to the scene.
    func neighbor(of scene: Image) -> Image {
        var places = FlowField(width: sceneWidth, height: sceneHeight)
        for y in 0..<size {
            for x in 0..<size {
                // Equation 22, to the face's plane; the neighbour's own axes point to the edge and along it.
                let (along, across) = (neighbor.x + Double(x), neighbor.y + Double(y))
                let place = (x: -distance * distance / along, y: distance * across / along)
                let pixel = y * sceneWidth + x
                places.u[pixel] = Float(mirrored(place.x - self.scene.x, sceneWidth) - Double(x))
                places.v[pixel] = Float(mirrored(place.y - self.scene.y, sceneHeight) - Double(y))
            }
        }
        return scene.warped(by: places, interpolation: .bicubic, threads: 1)
            .cropped(x: 0, y: 0, width: size, height: size, threads: 1)
    }

    /// Where the face's pixels are in the neighbour's window, and how far that is known.
    func motion() -> TrainingSequence.Motion {
        var flow = FlowField(width: size, height: size)
        var certainty = Plane<Float>(width: size, height: size, repeating: 0)
        let inside = 0...Double(size - 1)
        for y in 0..<size {
            for x in 0..<size {
                let (across, down) = (face.x + Double(x), face.y + Double(y))
                guard across < 0 else { continue }
                let along = distance * distance / -across
                let place = (x: along - neighbor.x, y: distance * down / -across - neighbor.y)
                guard inside.contains(place.x), inside.contains(place.y) else { continue }
                let pixel = y * size + x
                flow.u[pixel] = Float(place.x - Double(x))
                flow.v[pixel] = Float(place.y - Double(y))
                certainty.values[pixel] = Float(min(1, (reach - along) / softness))
            }
        }
        return TrainingSequence.Motion(flow: flow, certainty: certainty)
    }

    /// A place of a line of so many pixels, mirrored at its ends as often as it takes.
    private func mirrored(_ place: Double, _ count: Int) -> Double {
        let last = Double(max(count - 1, 1))
        let turn = place.truncatingRemainder(dividingBy: 2 * last)
        let positive = turn < 0 ? turn + 2 * last : turn
        return min(positive, 2 * last - positive)
    }
}
