import Flow
import Imaging
import Style

/// A window that moves to the right over a still picture, with exact motion.
package struct MovingWindow {
    /// In network space.
    package let frames: [Image]
    /// To both neighbours of each frame.
    package let motions: [[Neighbor: NeighborMotion]]
    private let width: Int
    private let step: Int

    /// - Parameters:
    ///   - picture: in picture space; resized to the path of the window.
    ///   - width, height: of the window.
    ///   - count: number of frames.
    ///   - step: pixels from frame to frame.
    package init(over picture: Image, width: Int, height: Int, count: Int, step: Int) {
        (self.width, self.step) = (width, step)
        let length = width + step * (count - 1)
        let image = picture.resized(width: length, height: height).networkSpace()
        frames = (0..<count).map { image.cropped(x: $0 * step, y: 0, width: width, height: height) }
        func motion(_ distance: Int) -> NeighborMotion {
            var flow = FlowField(width: width, height: height)
            var certainty = Plane<Float>(width: width, height: height, repeating: 0)
            for index in flow.u.indices {
                flow.u[index] = Float(distance)
                certainty.values[index] = 0..<width ~= index % width + distance ? 1 : 0
            }
            return NeighborMotion(flow: flow, certainty: certainty)
        }
        motions = (0..<count).map { index in
            var known: [Neighbor: NeighborMotion] = [:]
            if index > 0 { known[.earlier] = motion(step) }
            if index < count - 1 { known[.later] = motion(-step) }
            return known
        }
    }

    /// The standard deviation over the columns that entered after the first frame, from the mean variance of the
    /// channels.
    ///
    /// - Parameter image: a result for the last frame, as it is shown.
    package func contrast(of image: Image) -> Double {
        let columns = max(0, width - step * (frames.count - 1))..<width
        var variance = 0.0
        for channel in 0..<image.channels {
            var (sum, squares, count) = (0.0, 0.0, 0.0)
            for y in 0..<image.height {
                for x in columns {
                    let value = Double(image.samples[(channel * image.height + y) * image.width + x])
                    (sum, squares, count) = (sum + value, squares + value * value, count + 1)
                }
            }
            variance += squares / count - sum / count * (sum / count)
        }
        return (variance / Double(image.channels)).squareRoot()
    }

    /// The gradient at former borders, relative to that everywhere.
    ///
    /// - Parameter image: a result for the last frame, as it is shown.
    package func seams(of image: Image) -> Double {
        let borders = (1..<frames.count).map { width - step * $0 }.filter { $0 > 0 }
        return steepness(of: image, at: borders) / steepness(of: image, at: Array(1..<width))
    }

    /// The mean absolute difference between columns and their left neighbours.
    private func steepness(of image: Image, at columns: [Int]) -> Double {
        var sum = 0.0
        for line in 0..<image.channels * image.height {
            for x in columns {
                sum += Double(abs(image.samples[line * image.width + x] - image.samples[line * image.width + x - 1]))
            }
        }
        return sum / Double(max(1, columns.count * image.channels * image.height))
    }
}
