import Flow
import Imaging
import Style
import Testing

@Suite struct PriorTests {
    /// Certain in the left half.
    private var half: Plane<Float> {
        var plane = Plane<Float>(width: 16, height: 8, repeating: 0)
        for y in 0..<8 { for x in 0..<8 { plane[x, y] = 1 } }
        return plane
    }

    @Test func certainPixelsHoldTheWarpedLastOutput() {
        var last = Image(width: 16, height: 8)
        for y in 0..<8 { for x in 0..<16 { for c in 0..<3 { last.samples[(c * 8 + y) * 16 + x] = Float(10 * x + c) } } }
        let flow = FlowField(
            width: 16, height: 8, u: Array(repeating: 2, count: 128), v: Array(repeating: 0, count: 128))
        let prior = Prior(warping: last, by: flow, certainty: half)
        #expect(prior.certainty == half)
        for y in 0..<8 {
            for x in 0..<16 {
                let wanted: Float = x < 8 ? Float(10 * (x + 2)) : 0
                #expect(abs(prior.image.samples[y * 16 + x] - wanted) < 1e-3)
            }
        }
    }

    @Test func noiseInUncertainPixelsIsUniform() {
        let last = Image(width: 64, height: 64, repeating: 5)
        let flow = FlowField(width: 64, height: 64)
        let nothing = Plane<Float>(width: 64, height: 64, repeating: 0)
        let prior = Prior(warping: last, by: flow, certainty: nothing, fill: .noise, seed: 7)
        let blue = prior.image.samples[..<4096].map { $0 + 103.939 }
        #expect(blue.allSatisfy { $0 >= -0.01 && $0 <= 255.01 })
        #expect(abs(mean(blue) - 127.5) < 5)
        // Neighbours in rows, columns and diagonals are not correlated.
        for step in [1, 64, 63, 65] {
            var product: Float = 0
            for index in 0..<(4096 - step) { product += (blue[index] - 127.5) * (blue[index + step] - 127.5) }
            #expect(abs(product / Float(4096 - step)) < 0.06 * 5418)
        }
        let same = Prior(warping: last, by: flow, certainty: nothing, fill: .noise, seed: 7, threads: 1)
        #expect(same.image == prior.image)
        #expect(Prior(warping: last, by: flow, certainty: nothing, fill: .noise, seed: 8).image != prior.image)
    }

    @Test func flowOfAnotherResolutionIsScaled() {
        let last = Image(width: 16, height: 8, samples: (0..<384).map { Float($0 % 16) })
        let flow = FlowField(
            width: 32, height: 16, u: Array(repeating: 4, count: 512), v: Array(repeating: 0, count: 512))
        let prior = Prior(
            warping: last, by: flow, certainty: Plane(width: 32, height: 16, repeating: 1), interpolation: .bilinear)
        #expect(prior.image.width == 16 && prior.certainty.width == 16)
        for x in 0..<13 { #expect(abs(prior.image.samples[x] - Float(x + 2)) < 1e-3) }
    }

    /// The certainty from the check and a minimum filter of 7 pixels, for a flow that is right everywhere.
    private func checked(_ flow: FlowField) -> Plane<Float> {
        let reverse = FlowField(width: flow.width, height: flow.height, u: flow.u.map { -$0 }, v: flow.v.map { -$0 })
        return ConsistencyCheck().certainty(of: flow, reverse: reverse).minimumFiltered(size: 7)
    }

    private func uniform(_ u: Float, _ v: Float) -> FlowField {
        FlowField(
            width: 40, height: 30, u: Array(repeating: u, count: 1200), v: Array(repeating: v, count: 1200))
    }

    @Test func theBorderOfAStillSceneIsCertain() {
        let flow = uniform(0, 0)
        #expect(checked(flow).values.contains(0), "the check alone leaves a strip")
        let prior = Prior(warping: Image(width: 40, height: 30), by: flow, certainty: checked(flow))
        #expect(prior.certainty.values.allSatisfy { $0 == 1 })
    }

    @Test func onlyPixelsFromBeyondTheBorderAreUncertain() {
        let flow = uniform(-5, 3)
        let prior = Prior(warping: Image(width: 40, height: 30), by: flow, certainty: checked(flow))
        for y in 0..<30 {
            for x in 0..<40 { #expect(prior.certainty[x, y] == (x >= 5 && y < 27 ? 1 : 0), "\(x), \(y)") }
        }
    }

    @Test func holesInsideAreUnchanged() {
        var certainty = checked(uniform(0, 0))
        for y in 8..<12 { for x in 10..<30 { certainty[x, y] = 0 } }
        // A hole at the border includes the border.
        for y in 18..<30 { for x in 10..<14 { certainty[x, y] = 0 } }
        let prior = Prior(warping: Image(width: 40, height: 30), by: uniform(0, 0), certainty: certainty)
        for y in 0..<30 {
            for x in 0..<40 {
                let isHole = (8..<12).contains(y) && (10..<30).contains(x) || y >= 18 && (10..<14).contains(x)
                #expect(prior.certainty[x, y] == (isHole ? 0 : 1), "\(x), \(y)")
            }
        }
    }
}
