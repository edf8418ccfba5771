import Flow
import Imaging
import TestSupport
import Testing

@Suite struct ConsistencyTests {
    @Test(
        arguments: [
            ("2_1", "1_2", "", true), ("3_2", "2_3", "", true), ("2_1", "1_2", "_without_motion_boundaries", false),
        ])
    func authorsMasks(backward: String, forward: String, suffix: String, boundaries: Bool) throws {
        let flowPath = try TestData.real("data/marple/backward_\(backward).flo")
        let reversePath = try TestData.real("data/marple/forward_\(forward).flo")
        let maskPath = try TestData.real("data/marple/certain_\(backward)\(suffix).pgm")
        let certainty = ConsistencyCheck(motionBoundaries: boundaries)
            .certainty(of: try FlowField(contentsOf: flowPath), reverse: try FlowField(contentsOf: reversePath))
        let mask = try Plane<UInt8>(contentsOfPGM: maskPath)
        #expect(mask.width == certainty.width && mask.height == certainty.height)
        let different = zip(mask.values, certainty.values).count { ($0 > 127) != ($1 > 0.5) }
        #expect(different == 0)
    }

    /// Reference from NumPy and SciPy: see Fixtures/make_warp.py.
    @Test(arguments: [("certain", true), ("certain_anywhere", false)])
    func masksOfAMovingDiscAreSciPys(fixture: String, boundaries: Bool) throws {
        let flow = try FlowField(contentsOf: TestData.fixture("check_flow.flo", of: "FlowTests"))
        let reverse = try FlowField(contentsOf: TestData.fixture("check_reverse.flo", of: "FlowTests"))
        let expected = try TestData.floats("\(fixture).f32", of: "FlowTests")
        let part = expected.reduce(0, +) / Float(expected.count)
        #expect(part > 0.3 && part < 0.9)
        for threads in [1, 3] {
            for certainty in withEachVariant({
                ConsistencyCheck(motionBoundaries: boundaries).certainty(of: flow, reverse: reverse, threads: threads)
            }) { #expect(certainty.values == expected) }
        }
    }

    /// Odd sizes and arbitrary or non-finite vectors: every variant and number of threads gives the same.
    @Test func everyVariantGivesTheSame() {
        var generator = SeededGenerator(seed: 21)
        for (width, height) in [(1, 1), (2, 2), (3, 5), (17, 1), (1, 19), (67, 35)] {
            func random() -> [Float] {
                (0..<width * height).map { _ in
                    switch Int.random(in: 0..<40, using: &generator) {
                    case 0: .nan
                    case 1: .infinity
                    case 2: -1e30
                    case 3: 1e10
                    default: Float.random(in: -2...2, using: &generator)
                    }
                }
            }
            let flow = FlowField(width: width, height: height, u: random(), v: random())
            let reverse = FlowField(width: width, height: height, u: random(), v: random())
            let results = withEachVariant { ConsistencyCheck().certainty(of: flow, reverse: reverse, threads: 1) }
            #expect(results.allSatisfy { $0 == results[0] })
            #expect(results[0].values.allSatisfy { $0 == 0 || $0 == 1 })
            for i in flow.u.indices where !flow.u[i].isFinite || !flow.v[i].isFinite {
                #expect(results[0].values[i] == 0)
            }
            #expect(ConsistencyCheck().certainty(of: flow, reverse: reverse, threads: 4) == results[0])
        }
    }

    @Test func fartherReferencesAreUsedWhereNoCloserOneIsCertain() {
        let certainties = [[1, 0, 0.25, 0, 0], [1, 1, 0.5, 0, 0.75], [1, 1, 1, 1, 0.5]].map { values in
            Plane<Float>(width: 5, height: 1, values: values)
        }
        let weights = longTermWeights(certainties)
        #expect(weights.map(\.values) == [[1, 0, 0.25, 0, 0], [0, 1, 0.25, 0, 0.75], [0, 0, 0.25, 1, 0]])
        #expect(longTermWeights([]).isEmpty)
    }
}
