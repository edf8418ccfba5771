import GStreamerKit
import Testing

/// Texts of properties' values, as the command line has them.
@Suite struct PropertySettingTests {
    @Test func onlyAllowedValuesAreParsed() {
        let strength = TestInvert.strength
        #expect(strength.value(parsing: "0.25") == 0.25 && strength.value(parsing: "1") == 1)
        for text in ["1.01", "-0.1", "nan", "inf", "x", ""] { #expect(strength.value(parsing: text) == nil) }

        let count = TestInvert.count
        #expect(count.value(parsing: "-5") == -5 && count.value(parsing: "100") == 100)
        for text in ["-6", "101", "1.5", " 1", "99999999999999999999"] { #expect(count.value(parsing: text) == nil) }

        let limit = TestInvert.limit
        #expect(limit.value(parsing: "18446744073709551615") == .max && limit.value(parsing: "1") == 1)
        for text in ["0", "-1", "18446744073709551616"] { #expect(limit.value(parsing: text) == nil) }

        #expect(TestInvert.amount.value(parsing: "full-frame") == .whole)
        for text in ["whole", "Half", "", "2"] { #expect(TestInvert.amount.value(parsing: text) == nil) }

        #expect(TestInvert.active.value(parsing: "false") == false && TestInvert.active.value(parsing: "no") == nil)
        #expect(TestInvert.label.value(parsing: "") == "" && TestInvert.label.value(parsing: " a ") == " a ")
    }

    @Test func allowedValuesAreTold() {
        func text<Value>(_ property: Property<Value>) -> String { property.specification.kind.allowedValues }
        #expect(text(TestInvert.active) == "true, false")
        #expect(text(TestInvert.count) == "-5 to 100")
        #expect(text(TestInvert.limit) == "1 or more")
        #expect(text(TestInvert.strength) == "0 to 1")
        #expect(text(TestInvert.label) == "")
        #expect(text(TestInvert.amount) == "none, half, full-frame")
        let narrow = Property<UInt64>("n", nick: "", blurb: "", range: 2...9, default: 2, flags: [])
        #expect(text(narrow) == "2 to 9")
        let fine = Property<Double>("n", nick: "", blurb: "", range: -0.25...1e20, default: 0, flags: [])
        #expect(text(fine) == "-0.25 to 1e+20")
    }

    /// A setting's text, as a pipeline description has it, gives the element the setting's value.
    @Test(arguments: [
        (TypedSetting(TestInvert.active, false) as any PropertySetting, "active=false"),
        (TypedSetting(TestInvert.count, -3), "count=-3"), (TypedSetting(TestInvert.limit, .max), "limit=\(UInt64.max)"),
        (TypedSetting(TestInvert.strength, 0.1), "strength=0.1"),
        (TypedSetting(TestInvert.strength, 1e-7), "strength=1e-07"), (TypedSetting(TestInvert.label, "x"), "label=x"),
        (TypedSetting(TestInvert.amount, .whole), "amount=full-frame"),
    ])
    func settingsAreText(setting: any PropertySetting, assignment: String) throws {
        #expect(setting.assignment == assignment)
        let side = try Harness("testinvert name=e \(setting.assignment)").side("e")
        #expect(side.value(of: setting.name) == setting.content)
    }

    @Test func settingsMakeASnapshot() {
        let snapshot = PropertySnapshot([
            TypedSetting(TestInvert.count, 3), TypedSetting(TestInvert.amount, .whole),
            TypedSetting(TestInvert.count, 4),
        ])
        #expect(snapshot[TestInvert.count] == 4 && snapshot[TestInvert.amount] == .whole)
        #expect(snapshot[TestInvert.strength] == 0.5)
    }
}
