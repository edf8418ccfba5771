import ModelFiles
import Testing

@Suite struct SafeTensorsTests {
    /// The digests of an empty message and of "abc", from the examples of FIPS 180-4.
    @Test func checksumsAreSHA256() throws {
        let empty = try SafeTensors(bytes: SafeTensors.encode([], metadata: [:]))
        #expect(empty.checksum == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let header = #"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
        let four = try SafeTensors(bytes: length + Array(header.utf8) + Array("abcd".utf8))
        #expect(four.checksum == "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589")
    }

    @Test func halfPrecisionIsRead() throws {
        let header = #"{"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
        let file = try SafeTensors(bytes: length + Array(header.utf8) + [0x00, 0x3C, 0x00, 0xC1])
        #expect(file.tensors["a"] == SafeTensors.Tensor(shape: [2, 1], values: [1, -2.5]))
    }

    @Test func aHeaderThatIsNotJSONIsRejected() throws {
        let header = Array("{\"a\"}  ".utf8)
        let bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
        let error = #expect(throws: ModelError.self) { try SafeTensors(bytes: bytes) }
        #expect(error?.description == "the header is not valid JSON at byte 4: \":\" is missing")
    }
}
