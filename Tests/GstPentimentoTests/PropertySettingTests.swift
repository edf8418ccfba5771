import GStreamerKit
import GstPentimento
import Style
import Testing

/// Texts of properties' values, as the command line has them.
@Suite struct PropertySettingTests {
    @Test func onlyAllowedValuesAreParsed() {
        let blend = StyleOptimize.blend.property
        #expect(blend.value(parsing: "0.25") == 0.25 && blend.value(parsing: "1") == 1)
        for text in ["1.01", "-0.1", "nan", "x", ""] { #expect(blend.value(parsing: text) == nil) }
        #expect(blend.specification.kind.allowedValues == "0 to 1")

        let passes = StyleOptimize.passes.property
        #expect(passes.value(parsing: "1000") == 1000)
        for text in ["0", "1001", "1.5"] { #expect(passes.value(parsing: text) == nil) }

        let limit = StyleOptimize.storeLimit
        #expect(limit.value(parsing: "18446744073709551615") == .max && limit.value(parsing: "-1") == nil)
        #expect(limit.specification.kind.allowedValues == "0 or more")

        let optimizer = StyleOptimize.optimizer.property
        #expect(optimizer.value(parsing: "adam") == .adam && optimizer.value(parsing: "Adam") == nil)
        #expect(optimizer.specification.kind.allowedValues == "lbfgs, adam")

        #expect(Stylize.preserveColor.value(parsing: "true") == true)
        #expect(Stylize.preserveColor.value(parsing: "yes") == nil)
    }

    @Test func settingsAreText() {
        #expect(TypedSetting(Stylize.strength, 0.5).assignment == "strength=0.5")
        #expect(TypedSetting(Stylize.preserveColor, true).assignment == "preserve-color=true")
        #expect(TypedSetting(OpticalFlow.preset, .medium).assignment == "preset=medium")
    }

    /// Each property of `styleoptimize` that sets a field has the field's default, and reaches the field.
    @Test func propertiesReachTheSettings() throws {
        #expect(try StyleOptimize.settings(PropertySnapshot([])) == OptimizationSettings())
        let settings = try StyleOptimize.settings(
            PropertySnapshot([
                TypedSetting(StyleOptimize.blend.property, 0.25),
                TypedSetting(StyleOptimize.pooling.property, .average),
                TypedSetting(StyleOptimize.iterations, "7,5"), TypedSetting(StyleOptimize.start, "content,previous"),
                TypedSetting(StyleOptimize.seed, 3),
            ]))
        var expected = OptimizationSettings()
        (expected.blend, expected.pooling, expected.seed) = (0.25, .average, 3)
        (expected.firstIterations, expected.nextIterations) = (7, 5)
        (expected.firstStart, expected.nextStart) = (.content, .previous)
        #expect(settings == expected)
    }
}
