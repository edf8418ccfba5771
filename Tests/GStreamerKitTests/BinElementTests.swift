import CGStreamer
import GStreamerKit
import Testing

/// Elements that consist of others.
@Suite(.serialized) struct BinElementTests {
    @Test func proxiedPropertiesAreTheChildren() throws {
        let harness = try Harness(
            "testchain name=chain strength=0.25 inverted-amount=full-frame label=x divisor=4 note=own ! identity")
        let (bin, invert) = (try harness.child("chain"), try harness.child("testinvert"))
        #expect(invert.text("strength") == "0.25" && bin.text("strength") == "0.25")
        #expect(invert.text("amount") == "full-frame" && bin.text("inverted-amount") == "full-frame")
        #expect(invert.text("label") == "x" && bin.text("label") == "x")
        #expect(try harness.child("testreduce").text("divisor") == "4" && bin.text("divisor") == "4")
        #expect(bin.text("note") == "own" && bin.text("amount") == nil)
        // Only its own property is the bin's.
        #expect(try harness.side("chain", as: TestChain.self).changed == ["note"])

        invert.set("strength", "0.75")
        #expect(bin.text("strength") == "0.75")
        bin.set("divisor", "9")
        #expect(bin.text("divisor") == "4", "out of range")
    }

    @Test func proxiedPropertiesHaveTheChildrensDefaultsAndFlags() throws {
        let harness = try Harness("testchain name=chain ! identity")
        let (bin, invert) = (try harness.child("chain"), try harness.child("testinvert"))
        for (own, other) in [("strength", "strength"), ("inverted-amount", "amount"), ("label", "label")] {
            #expect(bin.text(own) == invert.text(other) && bin.defaultText(own) == invert.defaultText(other))
        }
        let controllable: Int32 = 1 << 9
        let (outer, inner) = (
            try #require(bin.specification("strength")), try #require(invert.specification("strength"))
        )
        #expect(inner.pointee.flags.rawValue == outer.pointee.flags.rawValue | controllable)
        #expect(outer.pointee.flags.rawValue & controllable == 0)
    }

    @Test func theBinNotifiesOfItsChildrensChanges() throws {
        let harness = try Harness("testchain name=chain ! identity")
        let (bin, invert) = (try harness.child("chain"), try harness.child("testinvert"))
        let proxy = OpaquePointer(bin)
        #expect(bin.notifications { invert.set("strength", 0.5) } == ["strength"])
        #expect(bin.notifications { invert.set("amount", "none") } == ["inverted-amount"])
        #expect(bin.notifications { bin.set("strength", 0.25) } == ["strength"])
        #expect(bin.notifications { invert.set("count", "3") } == [])
        var value = GValue()
        g_value_init(&value, GType(15 << 2))
        g_value_set_double(&value, 1)
        #expect(
            bin.notifications { gst_child_proxy_set_property(proxy, "testinvert::strength", &value) } == ["strength"])
        #expect(invert.text("strength") == "1")
    }

    @Test func childrenAreConfiguredAndLinked() throws {
        let harness = try Harness("testchain divisor=3")
        #expect(try harness.child("queue").text("max-size-buffers") == "3")
        harness.start(Frame.caps(12, 6))
        let bytes = Frame.pattern(12 * 3 * 6)
        #expect(harness.push(Frame.make(bytes)) == GST_FLOW_OK)
        let output = try #require(harness.wait())
        // Rows of four pixels have no padding.
        var expected: [UInt8] = []
        for y in 0..<2 {
            for x in 0..<4 {
                let start = (y * 36 + x * 3) * 3
                expected += bytes[start..<start + 3].map { ~$0 }
            }
        }
        #expect(output.bytes == expected)
    }

    @Test func missingElementsAreAnErrorAtTheStart() throws {
        let harness = try Harness("testincompletechain ! identity")
        #expect(!harness.setState(GST_STATE_READY))
        let errors = harness.messages(GST_MESSAGE_ERROR)
        #expect(errors.count == 1)
        #expect(errors.first?.domain == "gst-resource-error-quark")
        #expect(errors.first?.code == Int(GST_RESOURCE_ERROR_NOT_FOUND.rawValue))
        #expect(errors.first?.text.hasPrefix("There is no element notinstalled, neitheristhis. Install") == true)
    }
}
