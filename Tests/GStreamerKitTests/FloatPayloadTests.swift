import CGStreamer
import GStreamerKit
import Testing

/// Arrays of floats in buffers.
@Suite(.serialized) struct FloatPayloadTests {
    private func payload(_ arrays: [[Float]]) throws -> Frame {
        #expect(TestElements.areRegistered)
        return Frame(taking: try #require(FloatPayload.make(arrays)))
    }

    /// A buffer that another program made.
    private func foreign(_ values: [Float]) throws -> Frame {
        Frame(taking: try #require(Frame.make(values.withUnsafeBytes { Array($0) })))
    }

    private func read(_ frame: Frame, _ count: Int, _ length: Int) -> [[Float]]? {
        FloatPayload.read(frame.buffer, count: count, length: length)
    }

    private static let arrays: [[Float]] = [[1, -2, 3], [0.5, .pi, -0]]

    @Test func valuesAreTheBytesOfTheBuffer() throws {
        let payload = try payload(Self.arrays)
        let bytes = payload.bytes
        let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        #expect(values == [1, -2, 3, 0.5, .pi, -0] && bytes.count == 24)
        #expect(read(payload, 2, 3) == Self.arrays)
    }

    @Test func otherSizesAreNil() throws {
        let frames = [try payload(Self.arrays), try foreign([1, 2, 3, 4, 5, 6])]
        for frame in frames {
            for (count, length) in [
                (1, 3), (2, 4), (2, 2), (3, 3), (0, 3), (2, 0), (-1, -6), (1, .max), (257, 1), (2, 1 << 62), (.max, 3),
            ] {
                #expect(read(frame, count, length) == nil, "\(count) of \(length)")
            }
        }
        #expect(FloatPayload.read(nil, count: 1, length: 1) == nil)
        // Arrays of different lengths, which have the right sum.
        #expect(try read(payload([[1, 2], [3, 4, 5, 6]]), 2, 3) == nil)
    }

    @Test func copiesAndForeignBuffersAreRead() throws {
        let payload = try payload(Self.arrays)
        let copy = Frame(taking: try #require(gst_buffer_copy_deep(payload.buffer)))
        #expect(read(copy, 2, 3) == Self.arrays)
        let foreign = try foreign([1, 2, 3, 4, 5, 6])
        #expect(read(foreign, 2, 3) == [[1, 2, 3], [4, 5, 6]])
        #expect(read(foreign, 1, 6) == [[1, 2, 3, 4, 5, 6]])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func foreignValuesMustBeFinite(value: Float) throws {
        #expect(try read(foreign([1, 2, value, 4]), 2, 2) == nil)
        #expect(try read(foreign([1, 2, 3, 4]), 2, 2) == [[1, 2], [3, 4]])
    }

    @Test func payloadsAreReadOnly() throws {
        let payload = try payload([[1, 2]])
        let memory = try #require(gst_buffer_peek_memory(payload.buffer, 0))
        var map = GstMapInfo()
        #expect(gst_memory_map(memory, &map, GST_MAP_WRITE) == 0)
        #expect(gst_memory_map(memory, &map, GST_MAP_READ) != 0)
        gst_memory_unmap(memory, &map)
    }

    /// The memory lives as long as any buffer that shares it.
    @Test func theMemoryIsShared() throws {
        let copy: Frame
        do {
            let payload = try payload([[5, 6], [], [7]])
            copy = Frame(taking: try #require(gst_buffer_copy(payload.buffer)))
            #expect(gst_buffer_peek_memory(copy.buffer, 0) == gst_buffer_peek_memory(payload.buffer, 0))
            #expect(gst_buffer_n_memory(payload.buffer) == 2)
        }
        #expect(read(copy, 3, 1) == [[5], [6], [7]])
    }

    @Test func carriersKeepTheirObject() throws {
        final class Token {}
        #expect(TestElements.areRegistered)
        weak var token: Token?
        do {
            var carrier: Frame?
            do {
                let object = Token()
                token = object
                carrier = Frame(taking: try #require(makeCarrier(of: object)))
            }
            #expect(token != nil && carrier?.bytes == [])
            carrier = nil
        }
        #expect(token == nil)
    }
}
