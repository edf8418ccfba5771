import CGStreamer
import GStreamerKit
import Testing

/// Properties of each type, as GObject has them.
@Suite(.serialized) struct PropertyTests {
    /// Each property with its default as text.
    private static let defaults = [
        ("active", "true"), ("count", "7"), ("limit", "1099511627776"), ("strength", "0.5"), ("label", "none"),
        ("amount", "half"), ("frames", "0"),
    ]

    @Test(arguments: defaults) func aNewElementHasTheDefaults(name: String, text: String) throws {
        let harness = try Harness("testinvert name=e")
        let object = try harness.child("e")
        #expect(object.text(name) == text && object.defaultText(name) == text)
        #expect(object.specification(name).map { String(cString: $0.pointee.name) } == name)
    }

    @Test func descriptionsSetEveryType() throws {
        let harness = try Harness(
            "testinvert name=one active=false count=-5 limit=18446744073709551615 strength=0.25 label=\"two words\" "
                + "amount=full-frame ! testinvert name=other")
        let settings = try harness.side("one").snapshot()
        #expect(settings[TestInvert.active] == false)
        #expect(settings[TestInvert.count] == -5)
        #expect(settings[TestInvert.limit] == .max)
        #expect(settings[TestInvert.strength] == 0.25)
        #expect(settings[TestInvert.label] == "two words")
        #expect(settings[TestInvert.amount] == .whole)
        let object = try harness.child("one")
        #expect(object.text("active") == "false" && object.text("count") == "-5")
        #expect(object.text("limit") == "18446744073709551615" && object.text("strength") == "0.25")
        #expect(object.text("label") == "two\\ words" || object.text("label") == "\"two\\ words\"")
        #expect(object.text("amount") == "full-frame")
        for (name, text) in Self.defaults { #expect(try harness.child("other").text(name) == text) }
    }

    /// GObject refuses them with a warning on the standard error output.
    @Test(arguments: [
        ("count", ["101", "-6", "x"]), ("strength", ["1.01", "-0.01", "nan", "x"]), ("limit", ["0"]),
        ("amount", ["Half", "third"]), ("frames", ["5"]),
    ])
    func whatIsNotAllowedIsNotSet(name: String, texts: [String]) throws {
        let harness = try Harness("testinvert name=e")
        let object = try harness.child("e")
        let before = object.text(name)
        for text in texts {
            object.set(name, text)
            #expect(object.text(name) == before, "\(name)=\(text)")
        }
        #expect(try harness.side("e").calls == ["constructed"])
    }

    @Test func rangesAndFlagsAreThoseOfTheTable() throws {
        let harness = try Harness("testinvert name=e")
        let object = try harness.child("e")
        func flags(_ name: String) -> Int32? { object.specification(name)?.pointee.flags.rawValue }
        let (readable, writable): (Int32, Int32) = (1, 2)
        let (controllable, ready, playing): (Int32, Int32, Int32) = (1 << 9, 1 << 10, 1 << 12)
        #expect(flags("count") == readable | writable)
        #expect(flags("active") == readable | writable | playing)
        #expect(flags("limit") == readable | writable | ready)
        #expect(flags("strength") == readable | writable | playing | controllable)
        #expect(flags("frames") == readable)
        let count = try #require(object.specification("count"))
        count.withMemoryRebound(to: GParamSpecInt.self, capacity: 1) {
            #expect($0.pointee.minimum == -5 && $0.pointee.maximum == 100)
        }
        let limit = try #require(object.specification("limit"))
        limit.withMemoryRebound(to: GParamSpecUInt64.self, capacity: 1) {
            #expect($0.pointee.minimum == 1 && $0.pointee.maximum == .max)
        }
        let strength = try #require(object.specification("strength"))
        strength.withMemoryRebound(to: GParamSpecDouble.self, capacity: 1) {
            #expect($0.pointee.minimum == 0 && $0.pointee.maximum == 1)
        }
        #expect(String(glib: g_param_spec_get_nick(strength)) == "Strength")
        #expect(String(glib: g_param_spec_get_blurb(strength)) == "A share")
    }

    /// GStreamer's documentation lists the values of types that are marked.
    @Test func choicesAreAnEnumerationOfTheInterface() throws {
        _ = try Harness("testinvert name=e")
        let type = g_type_from_name("PentimentoTestAmount")
        #expect(type != 0 && gst_type_is_plugin_api(type, nil) != 0)
        let values = try #require(g_type_class_ref(type))
        defer { g_type_class_unref(values) }
        let content = values.assumingMemoryBound(to: GEnumClass.self)
        #expect(content.pointee.n_values == 3)
        for (index, choice) in TestAmount.allCases.enumerated() {
            let value = try #require(g_enum_get_value(content, gint(index)))
            #expect(String(glib: value.pointee.value_nick) == choice.rawValue)
            #expect(String(glib: value.pointee.value_name) == choice.blurb)
        }
    }

    @Test func changesFromOutsideAreToldOnce() throws {
        let harness = try Harness("testinvert name=e")
        let (object, side) = (try harness.child("e"), try harness.side("e"))
        #expect(object.notifications { object.set("strength", "0.75") } == ["strength"])
        #expect(object.notifications { object.set("label", "x") } == ["label"])
        #expect(side.calls == ["constructed", "propertyChanged strength", "propertyChanged label"])
        // What the element sets itself may change with every frame.
        #expect(object.notifications { side.publish(12, as: TestInvert.frames) } == [])
        #expect(object.text("frames") == "12" && side.calls.count == 3)
    }

    @Test func elementsAreRegisteredOnceAndDescribed() throws {
        _ = try Harness("testinvert name=e")
        let type = g_type_from_name("PentimentoTestInvert")
        #expect(TestInvert.register(plugin: nil) && g_type_from_name("PentimentoTestInvert") == type)
        #expect(g_type_is_a(type, gst_base_transform_get_type()) != 0)
        let factory = try #require(gst_element_factory_find("testinvert"))
        defer { gst_object_unref(UnsafeMutableRawPointer(factory)) }
        for (key, text) in [
            ("long-name", "Test inversion"), ("klass", "Filter/Effect/Video"), ("description", "Inverts frames"),
            ("author", "Tests"),
        ] {
            #expect(String(glib: gst_element_factory_get_metadata(factory, key)) == text)
        }
        #expect(gst_element_factory_get_num_pad_templates(factory) == 2)
    }
}
