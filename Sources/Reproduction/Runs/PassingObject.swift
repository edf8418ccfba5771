import Flow
import Imaging
import Style

/// A still scene in which an object passes from the left to the right: what it uncovers was seen before. With exact
/// flow.
package struct PassingObject {
    /// In picture space.
    package let frames: [Image]
    /// Pixels that the object hides, for each frame.
    private let hidden: [Plane<UInt8>]
    private let step: Int

    /// - Parameters:
    ///   - background: the still scene, in picture space.
    ///   - object: its picture; a part of it is used.
    ///   - count: number of frames; the object is outside in the first and in the last one.
    package init(background: Image, object: Image, count: Int) {
        let (width, height) = (background.width, background.height)
        let (across, down) = (width / 4, height / 2)
        let step = (width + across) / max(1, count - 1)
        let patch = object.resized(width: across, height: down)
        var (frames, hidden): ([Image], [Plane<UInt8>]) = ([], [])
        for number in 0..<count {
            var frame = background
            var mask = Plane<UInt8>(width: width, height: height, repeating: 0)
            let left = number * step - across
            for y in 0..<down {
                for x in 0..<across where 0..<width ~= left + x {
                    let target = (height / 4 + y) * width + left + x
                    mask.values[target] = 1
                    for channel in 0..<frame.channels {
                        frame.samples[channel * width * height + target] =
                            patch.samples[(channel * down + y) * across + x]
                    }
                }
            }
            frames.append(frame)
            hidden.append(mask)
        }
        (self.frames, self.hidden, self.step) = (frames, hidden, step)
    }

    /// Flow from a frame to one `distance` frames before, and its certainty: 0 where the earlier frame shows the object
    /// and this one the background, or what was outside.
    package func motion(of frame: Int, distance: Int) -> (flow: FlowField, certainty: Plane<Float>) {
        let (now, before) = (hidden[frame], hidden[frame - distance])
        var flow = FlowField(width: now.width, height: now.height)
        var certainty = Plane<Float>(width: now.width, height: now.height, repeating: 0)
        for index in now.values.indices {
            if now.values[index] == 1 {
                let shift = distance * step
                flow.u[index] = Float(-shift)
                certainty.values[index] = index % now.width - shift >= 0 ? 1 : 0
            } else {
                certainty.values[index] = before.values[index] == 0 ? 1 : 0
            }
        }
        return (flow, certainty)
    }

    /// Mean squared difference, values 0...1, between the first and the last result, where the object has passed.
    func change(from first: Image, to last: Image) -> Double {
        let plane = first.width * first.height
        let passed = (0..<plane).filter { index in hidden.contains { $0.values[index] == 1 } }
        var sum = 0.0
        for channel in 0..<first.channels {
            for index in passed {
                let difference =
                    Double(first.samples[channel * plane + index] - last.samples[channel * plane + index]) / 255
                sum += difference * difference
            }
        }
        return sum / Double(max(1, passed.count * first.channels))
    }
}
