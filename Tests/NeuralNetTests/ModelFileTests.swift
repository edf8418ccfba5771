import Glibc
import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// Model files: reading, writing, and the errors of damaged ones.
@Suite struct ModelFileTests {
    static let small = ModelDescription(
        kind: .video, architecture: small("c3s1-3,R3,U2,c3s2-4"), padding: .reflect, isGated: true, fill: .noise,
        style: "a \"quoted\" style\n", license: "MIT", training: "{\"steps\": 1}")

    private static func small(_ text: String) -> Architecture {
        // The strings in these tests are valid.
        guard let architecture = try? Architecture(parsing: text) else { fatalError("\(text) is no architecture") }
        return architecture
    }

    @Test func modelRoundTrip() throws {
        let model = try Model(bytes: try Model.formulaBytes(Self.small))
        #expect(model.description == Self.small)
        #expect(model.checksum.count == 64)
    }

    @Test func shippedModelHasADescription() throws {
        let model = try Model(contentsOf: "\(TestData.repository)/Plugins/GstPentimento/Models/paintings.safetensors")
        #expect(model.description.kind == .video)
        #expect(model.styles.first == "scream" && model.styles.count == 10)
        #expect(model.description.architecture.layers.count == 12)
        #expect(model.description.outputScale == 150)
        #expect(model.description.fill == .texture)
    }

    @Test func aFileCutAnywhereGivesAnError() throws {
        let bytes = try Model.formulaBytes(Self.small)
        #expect(bytes.count < 16384)
        for length in 0..<bytes.count {
            #expect(throws: ModelError.self, "cut to \(length)") { try Model(bytes: Array(bytes[..<length])) }
        }
    }

    /// Without the checksum, so that damaged weights are loaded.
    @Test(arguments: [UInt8(0x01), 0x80, 0xFF]) func flippedByteGivesAnErrorOrAnOutput(mask: UInt8) throws {
        let whole = try Model.formulaBytes(Self.small)
        let bytes = Self.withoutChecksum(whole)
        #expect((try? Model(bytes: bytes)) != nil)
        let (frame, prior, certainty) = inputs(width: 6, height: 5)
        var errors = 0
        for offset in bytes.indices {
            var damaged = bytes
            damaged[offset] ^= mask
            guard let model = try? Model(bytes: damaged), let network = try? Network(model: model, width: 6, height: 5)
            else {
                errors += 1
                continue
            }
            let image = try network.run(frame: frame, prior: prior, certainty: certainty)
            #expect(image.samples.allSatisfy { abs($0) <= 1000 }, "byte \(offset)")
        }
        #expect(errors > 100)

        var damaged = whole
        damaged[whole.count - 1] ^= mask
        let error = #expect(throws: ModelError.self) { try Model(bytes: damaged) }
        #expect(error?.description.contains("checksum") == true)
    }

    private static func withoutChecksum(_ bytes: [UInt8]) -> [UInt8] {
        let key = Array("\"checksum\"".utf8)
        let offset = bytes.indices.first { bytes[$0...].starts(with: key) } ?? 0
        var bytes = bytes
        bytes[offset + 1] = UInt8(ascii: "k")
        return bytes
    }

    @Test func errorsNameTheProblem() throws {
        func message(_ change: (inout ModelDescription, inout [(name: String, tensor: SafeTensors.Tensor)]) -> Void)
            -> String
        {
            do {
                var description = Self.small
                let file = try SafeTensors(bytes: try Model.formulaBytes(description))
                var tensors = file.tensors.map { (name: $0.key, tensor: $0.value) }
                change(&description, &tensors)
                var metadata = file.metadata
                metadata["arch"] = description.architecture.description
                metadata["style"] = description.style
                metadata["pentimento.kind"] = description.style == "no kind" ? nil : "video"
                _ = try Model(bytes: SafeTensors.encode(tensors, metadata: metadata))
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(message { _, _ in } == "no error")
        #expect(
            message {
                $0.style = "no kind"
                _ = $1
            }.contains("pentimento.kind"))
        #expect(
            message {
                $1.removeAll { $0.name == "0.conv.bias" }
                _ = $0
            }.contains("\"0.conv.bias\""))
        #expect(
            message {
                $1.append(("stranger", .init(shape: [1], values: [1])))
                _ = $0
            }.contains("\"stranger\""))
        #expect(
            message {
                $1[0].tensor = .init(shape: [7], values: Array(repeating: 0, count: 7))
                _ = $0
            }
            .contains("the architecture asks for"))
        #expect(
            message {
                $1[0].tensor = .init(
                    shape: $1[0].tensor.shape, values: $1[0].tensor.values.map { _ in Float.infinity })
                _ = $0
            }.contains("NaN or infinite values"))
    }

    @Test(arguments: [
        "", "c9s1", "c9s1-", "c8s1-3", "c9s0-3", "q3", "R", "U2", "c9s1-3,", "c9s1-99999999999999999999", "c3s1-3x",
        "c-3s1-3", "U0,c3s1-3", "c3s1-3,U9,c3s1-3", "c٣s1-3",
    ])
    func invalidArchitectureStringIsRejected(text: String) {
        #expect(throws: ModelError.self) { try Architecture(parsing: text) }
    }

    @Test(arguments: ["d16,c3s1-3", "c3s1-16,R8,c3s1-3", "U2,c3s1-3", "c3s1-4"])
    func inconsistentArchitectureIsRejected(text: String) throws {
        let description = ModelDescription(kind: .video, architecture: try Architecture(parsing: text))
        #expect(throws: ModelError.self) {
            let model = try Model(bytes: try Model.formulaBytes(description))
            _ = try Network(model: model, width: 8, height: 8)
        }
    }

    @Test func errorsForOtherFilesContainThePath() {
        for path in ["/nowhere/model.safetensors", "/", "/dev/null", "/proc/self/maps"] {
            let error = #expect(throws: ModelError.self) { try Model(contentsOf: path) }
            #expect(error?.description.hasPrefix(path) == true)
        }
    }

    @Test func modelIsWrittenAtomically() throws {
        var template = Array("/tmp/pentimento-XXXXXX".utf8CString)
        guard let created = mkdtemp(&template) else { return }
        let folder = String(cString: created)
        defer { rmdir(folder) }
        let path = "\(folder)/model.safetensors"
        try Model.writeFormulaModel(Self.small, to: path)
        #expect(try Model(contentsOf: path).description == Self.small)
        unlink(path)
        #expect(throws: ModelError.self) { try Model.writeFormulaModel(Self.small, to: "\(folder)/missing/model") }
        #expect(throws: ModelError.self) { try Model.writeFormulaModel(Self.small, to: folder) }
    }
}
