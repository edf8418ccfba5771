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
        guard let flowPath = TestData.real("data/marple/backward_\(backward).flo"),
            let reversePath = TestData.real("data/marple/forward_\(forward).flo"),
            let maskPath = TestData.real("data/marple/certain_\(backward)\(suffix).pgm")
        else { return }
        let certainty = ConsistencyCheck(motionBoundaries: boundaries)
            .certainty(of: try FlowField(contentsOf: flowPath), reverse: try FlowField(contentsOf: reversePath))
        let mask = try Plane<UInt8>(contentsOfPGM: maskPath)
        #expect(mask.width == certainty.width && mask.height == certainty.height)
        let different = zip(mask.values, certainty.values).count { ($0 > 127) != ($1 > 0.5) }
        #expect(different == 0)
    }
}
