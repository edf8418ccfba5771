import FoundationEssentials
import Imaging
import NeuralNet
import Support

/// The whole state of a training after a step, from which it goes on as if it had not been interrupted.
public struct Checkpoint: Sendable {
    public let settings: TrainingSettings
    /// What else results depend on, for people to read: network, style picture, loss network, data.
    public let inputs: [String: String]
    /// Steps done.
    public let step: Int
    /// Of work that they took.
    public let seconds: Double
    /// What learning rates are multiplied by, halved each time that the training went bad.
    public internal(set) var rateFactor: Double
    /// One for each step.
    public let history: [TrainingRecord]
    public let validations: [ValidationReport]
    let parameters: [Float]
    let optimizer: AdamState

    /// The value of `pentimento.kind` in the file.
    static let kind = "training"

    /// What stands in the file as JSON.
    private struct State: Codable {
        var settings: TrainingSettings
        var inputs: [String: String]
        var step: Int
        var seconds: Double
        var rateFactor: Double
        var optimizerSteps: Int
        var validations: [ValidationReport]
    }

    package init(
        settings: TrainingSettings, inputs: [String: String], step: Int, seconds: Double, rateFactor: Double,
        history: [TrainingRecord], validations: [ValidationReport], parameters: [Float], optimizer: AdamState
    ) {
        self.settings = settings
        self.inputs = inputs
        self.step = step
        self.seconds = seconds
        self.rateFactor = rateFactor
        self.history = history
        self.validations = validations
        self.parameters = parameters
        self.optimizer = optimizer
    }

    /// - Throws: ``TrainingError/checkpoint(_:)`` or `ModelError` naming the file and what is wrong with it.
    public init(contentsOf path: String) throws {
        let file = try SafeTensors(contentsOf: path)
        func damaged(_ what: String) -> TrainingError {
            .checkpoint("\(path): \(what); begin anew, or take another checkpoint.")
        }
        guard file.metadata["pentimento.kind"] == Self.kind, let json = file.metadata["state"] else {
            throw TrainingError.checkpoint("\(path): is no checkpoint of a training.")
        }
        guard file.metadata["checksum"] == file.checksum else { throw damaged("is damaged") }
        guard let state = try? JSONDecoder().decode(State.self, from: Data(json.utf8)) else {
            throw damaged("was written by another version")
        }
        // Far beyond any training; nothing computed from these numbers overflows.
        guard (0...1 << 32).contains(state.step), (0...1 << 32).contains(state.optimizerSteps),
            state.rateFactor > 0, state.rateFactor <= 1, state.seconds >= 0, state.seconds.isFinite
        else { throw damaged("holds numbers that no training has") }
        func values(_ name: String) throws -> [Float] {
            guard let tensor = file.tensors[name] else { throw damaged("lacks the tensor \"\(name)\"") }
            return tensor.values
        }
        let records = try values("history")
        parameters = try values("parameters")
        let (mean, square) = (try values("adam.mean"), try values("adam.square"))
        guard mean.count == parameters.count, square.count == parameters.count else {
            throw damaged("contradicts itself")
        }
        optimizer = AdamState(mean: mean, square: square, steps: state.optimizerSteps)
        guard records.count == state.step * Self.recordLength, parameters.allSatisfy(\.isFinite)
        else { throw damaged("contradicts itself") }
        settings = state.settings
        inputs = state.inputs
        step = state.step
        seconds = state.seconds
        rateFactor = state.rateFactor
        validations = state.validations
        history = (0..<state.step).map { step in
            let record = records[step * Self.recordLength..<(step + 1) * Self.recordLength].map { $0 }
            return TrainingRecord(
                frames: Int(max(0, min(record[0], 1e6))),
                losses: TrainingLosses(
                    content: record[1], style: record[2], pixel: record[3], totalVariation: record[4]))
        }
    }

    /// Writes the file whole or not at all.
    ///
    /// - Throws: `FileError`; what was there before is then still there.
    public func write(to path: String) throws { try Files.write(encoded(), to: path) }

    /// The file's bytes.
    public func encoded() throws -> [UInt8] {
        let state = State(
            settings: settings, inputs: inputs, step: step, seconds: seconds, rateFactor: rateFactor,
            optimizerSteps: optimizer.steps, validations: validations)
        let records = history.flatMap {
            [Float($0.frames), $0.losses.content, $0.losses.style, $0.losses.pixel, $0.losses.totalVariation]
        }
        func vector(_ values: [Float]) -> SafeTensors.Tensor {
            SafeTensors.Tensor(shape: [values.count], values: values)
        }
        let tensors = [
            ("parameters", vector(parameters)), ("adam.mean", vector(optimizer.mean)),
            ("adam.square", vector(optimizer.square)),
            ("history", SafeTensors.Tensor(shape: [history.count, Self.recordLength], values: records)),
        ]
        let metadata = ["pentimento.kind": Self.kind, "state": try sortedJSON(state)]
        return SafeTensors.encode(tensors, metadata: metadata)
    }

    private static let recordLength = 5

    /// Refuses to go on with other settings than before; a training may be made longer or shorter.
    ///
    /// - Throws: ``TrainingError/checkpoint(_:)`` that names the first difference.
    func check(settings: TrainingSettings, inputs: [String: String], parameterCount: Int) throws {
        var before = self.settings
        before.length = settings.length
        let kept = try before.entries().merging(self.inputs) { $1 }
        let wanted = try settings.entries().merging(inputs) { $1 }
        for key in Set(kept.keys).union(wanted.keys).sorted() where kept[key] != wanted[key] {
            throw TrainingError.checkpoint(
                "The checkpoint belongs to a training with other settings: \(key) was \(kept[key] ?? "not given"), is "
                    + "\(wanted[key] ?? "not given"). Give them as they were, or begin anew.")
        }
        guard parameters.count == parameterCount else {
            throw TrainingError.checkpoint(
                "The checkpoint holds \(parameters.count) parameters, the network has \(parameterCount). Begin anew.")
        }
    }
}

extension TrainingSettings {
    /// Each setting as it is written, by the name that users know.
    func entries() throws -> [String: String] {
        let entries = try JSONDecoder().decode([String: Entry].self, from: JSONEncoder().encode(self))
        return entries.mapValues(\.text)
    }

    private struct Entry: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            if let values = try? decoder.container(keyedBy: AnyKey.self) {
                text = try values.allKeys.map { "\($0.stringValue) \(try values.decode(Entry.self, forKey: $0).text)" }
                    .sorted().joined(separator: ", ")
            } else if var values = try? decoder.unkeyedContainer() {
                var texts: [String] = []
                while !values.isAtEnd { texts.append(try values.decode(Entry.self).text) }
                text = texts.joined(separator: ",")
            } else {
                let value = try decoder.singleValueContainer()
                if let word = try? value.decode(String.self) {
                    text = word
                } else if let flag = try? value.decode(Bool.self) {
                    text = flag ? "yes" : "no"
                } else if let whole = try? value.decode(UInt64.self) {
                    text = "\(whole)"
                } else {
                    text = "\(try value.decode(Double.self))"
                }
            }
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// JSON with its keys in order, so that the same value gives the same bytes.
func sortedJSON(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
