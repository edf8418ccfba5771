import CGStreamer
import GStreamerKit
import Testing

/// Fields of GstStructures.
@Suite(.serialized) struct StructureTests {
    private func structure(
        _ fill: (StructureWriter) -> Void
    ) throws -> UnsafeMutablePointer<GstStructure> {
        #expect(TestElements.areRegistered)
        let writer = try #require(StructureWriter("pentimento-test"))
        fill(writer)
        return writer.take()
    }

    @Test func fieldsOfEveryTypeAreReadBack() throws {
        let structure = try structure {
            $0.set("integer", -7)
            $0.set("number", UInt64.max)
            $0.set("double", 0.1)
            $0.set("text", "two words; \"quoted\"")
            $0.set("flag", true)
            $0.set("range", 2...9)
        }
        defer { gst_structure_free(structure) }
        let reader = StructureReader(structure)
        #expect(reader.integer("integer") == -7 && reader.number("number") == .max && reader.double("double") == 0.1)
        #expect(reader.text("text") == "two words; \"quoted\"")
        var flag: gboolean = 0
        #expect(gst_structure_get_boolean(structure, "flag", &flag) != 0 && flag != 0)
        let range = try #require(gst_structure_get_value(structure, "range"))
        #expect(gst_value_get_int_range_min(range) == 2 && gst_value_get_int_range_max(range) == 9)
        #expect(gst_structure_n_fields(structure) == 6)
    }

    @Test func otherFieldsAreNil() throws {
        let structure = try structure {
            $0.set("integer", 1)
            $0.set("text", "x")
        }
        defer { gst_structure_free(structure) }
        let reader = StructureReader(structure)
        for field in ["missing", "text"] {
            #expect(reader.integer(field) == nil && reader.number(field) == nil && reader.double(field) == nil)
            #expect(reader.buffer(field) == nil)
        }
        #expect(reader.text("integer") == nil && reader.text("missing") == nil && reader.number("integer") == nil)
    }

    @Test func integersAreClampedTo32Bits() throws {
        let structure = try structure {
            $0.set("high", Int.max)
            $0.set("low", Int.min)
            $0.set("range", Int.min...Int.max)
        }
        defer { gst_structure_free(structure) }
        let reader = StructureReader(structure)
        #expect(reader.integer("high") == Int(Int32.max) && reader.integer("low") == Int(Int32.min))
        let range = try #require(gst_structure_get_value(structure, "range"))
        #expect(gst_value_get_int_range_min(range) == .min && gst_value_get_int_range_max(range) == .max)
    }

    @Test func fieldsAreReplaced() throws {
        let structure = try structure {
            $0.set("field", 1)
            $0.set("field", "text")
        }
        defer { gst_structure_free(structure) }
        StructureWriter(structure).set("other", 2.5)
        let reader = StructureReader(structure)
        #expect(reader.integer("field") == nil && reader.text("field") == "text" && reader.double("other") == 2.5)
    }

    @Test func namesAreChecked() throws {
        #expect(TestElements.areRegistered)
        for name in ["", "1st", "two words"] { #expect(StructureWriter(name) == nil) }
    }

    /// A structure owns the buffer and the sample that it gets.
    @Test func ownershipIsTaken() throws {
        let frame = Frame(taking: try #require(Frame.make(4, 2)))
        func references() -> Int { Int(miniObject(frame.buffer).pointee.refcount) }
        let structure = try structure {
            $0.set("buffer", taking: frame.retained)
            $0.set("sample", taking: gst_sample_new(frame.buffer, nil, nil, nil))
            $0.set("none", taking: nil as UnsafeMutablePointer<GstBuffer>?)
        }
        #expect(references() == 3)
        let reader = StructureReader(structure)
        #expect(reader.buffer("buffer") == frame.buffer && references() == 3)
        #expect(reader.buffer("sample") == nil && reader.buffer("none") == nil)
        gst_structure_free(structure)
        #expect(references() == 1)
    }
}
