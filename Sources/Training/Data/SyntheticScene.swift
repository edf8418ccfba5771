import Flow
import Imaging

/// Planar layers in front of each other, seen by a camera in several frames. Visibility and flow are known exactly.
struct SyntheticScene {
    /// An image in network space; a layer that does not cover everything has opacity 0...1 as a fourth channel.
    struct Layer {
        let texture: Texture
        /// For each frame, the map from its pixels to the image.
        let maps: [AffineMap]
    }

    /// Side of the frames in pixels.
    let size: Int
    /// Back to front; the first covers every frame.
    let layers: [Layer]

    var frameCount: Int { layers[0].maps.count }

    /// A frame and the layer visible at each pixel.
    struct View {
        var image: Image
        /// Index of the layer; ``mixed`` if several are visible. nil: the first layer everywhere.
        var shown: Plane<Int8>?

        static let mixed: Int8 = -1
    }

    /// Opacities closer than this to 0 or 1 are rounded: they change less than half a grey level.
    private static let leastShare: Float = 1 / 512

    func view(_ frame: Int) -> View {
        var image = layers[0].texture.sampled(at: layers[0].maps[frame], width: size, height: size)
        guard layers.count > 1 else { return View(image: image) }
        var shown = Plane<Int8>(width: size, height: size, repeating: 0)
        let count = image.pixelCount
        for (index, layer) in layers.enumerated().dropFirst() {
            let front = layer.texture.sampled(at: layer.maps[frame], width: size, height: size)
            for pixel in 0..<count {
                let opacity = front.samples[3 * count + pixel]
                if opacity <= SyntheticScene.leastShare { continue }
                let isWhole = opacity >= 1 - SyntheticScene.leastShare
                let share = isWhole ? 1 : opacity
                for sample in stride(from: pixel, to: 3 * count, by: count) {
                    image.samples[sample] += (front.samples[sample] - image.samples[sample]) * share
                }
                shown.values[pixel] = isWhole ? Int8(index) : View.mixed
            }
        }
        return View(image: image, shown: shown)
    }

    /// Flow from frame `index` + 1 to frame `index`, with its certainty.
    ///
    /// A pixel is certain if its source lies in the earlier frame and all pixels that a bicubic warp reads there show
    /// the same layer only.
    func motion(to index: Int, earlier: View, later: View) -> Motion {
        let flowMaps = layers.map { $0.maps[index].inverse.after($0.maps[index + 1]) }
        let surroundings = earlier.shown?.agreeing()
        var flow = FlowField(width: size, height: size)
        var certainty = Plane<Float>(width: size, height: size, repeating: 0)
        let last = Double(size - 1)
        // Rounding error allowed at the frame border.
        let tolerance = 1e-6
        let inside = -tolerance...last + tolerance
        for y in 0..<size {
            for x in 0..<size {
                let pixel = y * size + x
                let layer = later.shown?.values[pixel] ?? 0
                let source = flowMaps[max(0, Int(layer))](Double(x), Double(y))
                flow.u[pixel] = Float(source.x - Double(x))
                flow.v[pixel] = Float(source.y - Double(y))
                guard inside.contains(source.x), inside.contains(source.y) else { continue }
                if let surroundings {
                    guard layer != View.mixed,
                        surroundings[min(Int(source.x), size - 1), min(Int(source.y), size - 1)] == layer
                    else { continue }
                }
                certainty.values[pixel] = 1
            }
        }
        return Motion(flow: flow, certainty: certainty)
    }
}

extension Plane<Int8> {
    /// Each pixel's value if all pixels from one before to two after it, in rows and columns, have the same value; else
    /// -1.
    fileprivate func agreeing() -> Plane<Int8> {
        let mixed = SyntheticScene.View.mixed
        var along = self
        for y in 0..<height {
            for x in 0..<width {
                let value = self[x, y]
                for near in Swift.max(0, x - 1)...Swift.min(width - 1, x + 2) where self[near, y] != value {
                    along[x, y] = mixed
                }
            }
        }
        var both = along
        for y in 0..<height {
            for near in Swift.max(0, y - 1)...Swift.min(height - 1, y + 2) where near != y {
                for x in 0..<width where along[x, near] != along[x, y] { both[x, y] = mixed }
            }
        }
        return both
    }
}
