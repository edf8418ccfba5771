import GStreamerKit
import GstPentimento
import Style
import Testing

/// The settings that the properties of `styleoptimize` make.
@Suite struct StyleOptimizePropertyTests {
    /// Each property of `styleoptimize` that sets a field has the field's default, and reaches the field.
    @Test func propertiesReachTheSettings() throws {
        #expect(try StyleOptimize.settings(PropertySnapshot([])) == OptimizationSettings())
        let settings = try StyleOptimize.settings(
            PropertySnapshot([
                TypedSetting(StyleOptimize.blend.property, 0.25),
                TypedSetting(StyleOptimize.pooling.property, .average),
                TypedSetting(StyleOptimize.longTermWeights.property, .all),
                TypedSetting(StyleOptimize.styleLoss.property, .sliced),
                TypedSetting(StyleOptimize.styleNormalization.property, .layer),
                TypedSetting(StyleOptimize.iterations, "7,5"), TypedSetting(StyleOptimize.start, "content,previous"),
                TypedSetting(StyleOptimize.seed, 3),
            ]))
        var expected = OptimizationSettings()
        (expected.blend, expected.pooling, expected.seed) = (0.25, .average, 3)
        (expected.styleStatistic, expected.styleNormalization) = (.sliced, .layer)
        expected.longTermWeights = .all
        (expected.firstIterations, expected.nextIterations) = (7, 5)
        (expected.firstStart, expected.nextStart) = (.content, .previous)
        #expect(settings == expected)
    }
}
