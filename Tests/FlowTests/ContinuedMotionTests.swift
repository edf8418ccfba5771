import Flow
import Glibc
import Imaging
import Testing

/// Motion over several frames.
@Suite struct ContinuedMotionTests {
    /// A rotation by 4 degrees after one by 3 is one by 7: bilinear sampling of a linear flow is exact.
    @Test func flowsAdd() {
        let (width, height) = (40, 30)
        func rotation(_ degrees: Double) -> Motion {
            let angle = degrees * .pi / 180
            var flow = FlowField(width: width, height: height)
            for y in 0..<height {
                for x in 0..<width {
                    let (along, down) = (Double(x) - 19.5, Double(y) - 14.5)
                    let turned = (x: along * cos(angle) - down * sin(angle), y: along * sin(angle) + down * cos(angle))
                    flow.u[y * width + x] = Float(turned.x - along)
                    flow.v[y * width + x] = Float(turned.y - down)
                }
            }
            return Motion(flow: flow, certainty: Plane(width: width, height: height, repeating: 1))
        }
        let (path, expected) = (rotation(3).continued(by: rotation(4)), rotation(7))
        for y in 6..<height - 6 {
            for x in 6..<width - 6 {
                let pixel = y * width + x
                #expect(abs(path.flow.u[pixel] - expected.flow.u[pixel]) < 1e-4)
                #expect(abs(path.flow.v[pixel] - expected.flow.v[pixel]) < 1e-4)
            }
        }
    }

    /// A path is certain where both of its parts are.
    @Test func certaintiesMultiply() {
        let (width, height) = (8, 4)
        let flow = FlowField(
            width: width, height: height, u: Array(repeating: 2, count: width * height),
            v: Array(repeating: 0, count: width * height))
        var (near, far) = (
            Plane<Float>(width: width, height: height, repeating: 1),
            Plane<Float>(width: width, height: height, repeating: 1)
        )
        near[1, 2] = 0.5
        far[5, 1] = 0
        let path = Motion(flow: flow, certainty: near).continued(by: Motion(flow: flow, certainty: far)).certainty
        #expect(path[1, 2] == 0.5 && path[3, 1] == 0 && path[5, 1] == 1)
        #expect(path.values.reduce(0, +) == 32 - 1.5)
    }
}
