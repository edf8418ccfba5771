import Flow
import Glibc
import Imaging
import TestSupport
import Testing

/// Exactly known motions of an image that is defined at subpixel positions.
@Suite struct ExactMotionTests {
    static let motions = [
        AffineMotion(name: "shift by whole pixels", shift: (5, -3)),
        AffineMotion(name: "shift by parts of pixels", shift: (1.37, 0.61)),
        AffineMotion(name: "long shift", shift: (-21.4, 13.25)),
        AffineMotion(name: "zoom in", scale: 1.04),
        AffineMotion(name: "zoom out", scale: 0.96),
        AffineMotion(name: "rotation", degrees: 2.5),
        AffineMotion(name: "rotation, zoom and shift", scale: 1.02, degrees: -1.5, shift: (3.3, 1.8)),
    ]

    /// `ultrafast` uses a quarter of the resolution and little refinement: 0.2 pixels.
    @Test(arguments: FlowPreset.allCases, motions)
    func isFoundToATenthOfAPixelInside(preset: FlowPreset, motion: AffineMotion) {
        let (width, height) = (320, 240)
        let texture = MovingTexture()
        let earlier = texture.frame(width: width, height: height)
        let current = texture.frame(width: width, height: height) {
            motion.origin($0, $1, width: width, height: height)
        }
        let estimator = FlowEstimator(preset: preset)
        let pair = estimator.estimate(from: estimator.prepare(current), to: estimator.prepare(earlier))
        let back = meanError(pair.backward) { motion.origin($0, $1, width: width, height: height) }
        let ahead = meanError(pair.forward) { motion.moved($0, $1, width: width, height: height) }
        let tolerance = preset == .ultrafast ? 0.2 : 0.1
        #expect(back < tolerance, "backward: \(back)")
        #expect(ahead < tolerance, "forward: \(ahead)")
    }

    /// Over pixels at least an eighth of the image away from its edges, whose targets are inside.
    private func meanError(_ flow: FlowField, target: (Double, Double) -> (Double, Double)) -> Double {
        var (sum, count) = (0.0, 0)
        for y in flow.height / 8..<flow.height - flow.height / 8 {
            for x in flow.width / 8..<flow.width - flow.width / 8 {
                let (toX, toY) = target(Double(x), Double(y))
                guard toX >= 8, toY >= 8, toX < Double(flow.width - 8), toY < Double(flow.height - 8) else { continue }
                let index = y * flow.width + x
                sum += hypot(Double(flow.u[index]) - toX + Double(x), Double(flow.v[index]) - toY + Double(y))
                count += 1
            }
        }
        return sum / Double(count)
    }
}
