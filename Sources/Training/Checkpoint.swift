import FoundationEssentials
import Imaging
import ModelFiles
import NeuralNet
import Support

/// The complete state of a training run after a step, for a resume that gives the same result as an uninterrupted run.
public struct Checkpoint: Sendable {
    /// Settings of the training.
    public let settings: TrainingSettings
    /// Other inputs that results depend on, as readable text: network, style image, loss network, data.
    public let inputs: [String: String]
    /// Number of finished steps.
    public let step: Int
    /// Training time in seconds.
    public let seconds: Double
    /// Factor of all learning rates; halved after each divergence.
    public internal(set) var rateFactor: Double
    /// One record per step.
    public let history: [TrainingRecord]
    /// Reports of the validations, in order.
    public let validations: [ValidationReport]
    let parameters: [Float]
    let optimizer: AdamState
    /// The texture of each style; empty: they have none.
    package let textures: [StyleTexture]
    /// Norms and optimiser of each style.
    private let styles: [(values: [Float], optimizer: AdamState)]

    /// Value of `pentimento.kind` in the file's metadata.
    static let kind = "training"

    /// The JSON in the file's metadata.
    private struct State: Codable {
        var settings: TrainingSettings
        var inputs: [String: String]
        var step: Int
        var seconds: Double
        var rateFactor: Double
        var optimizerSteps: Int
        var styleSteps: [Int]
        var validations: [ValidationReport]
    }

    package init(
        settings: TrainingSettings, inputs: [String: String], step: Int, seconds: Double, rateFactor: Double,
        history: [TrainingRecord], validations: [ValidationReport], parameters: [Float], optimizer: AdamState,
        bank: StyleBank, textures: [StyleTexture] = []
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
        self.textures = textures
        styles = Array(zip(bank.values, bank.optimizers))
    }

    /// The styles; nil if they do not fit the network.
    func bank(for parameters: NetworkParameters) -> StyleBank? {
        StyleBank(parameters, values: styles.map(\.values), optimizers: styles.map(\.optimizer))
    }

    /// - Throws: ``TrainingError/checkpoint(_:)`` or `ModelError`, with the path and the problem.
    public init(contentsOf path: String) throws {
        let file = try SafeTensors(contentsOf: path)
        func damaged(_ what: String) -> TrainingError {
            .checkpoint("\(path): \(what); start again, or use another checkpoint.")
        }
        guard file.metadata["pentimento.kind"] == Self.kind, let json = file.metadata["state"] else {
            throw TrainingError.checkpoint("\(path): is no checkpoint of a training run.")
        }
        guard file.metadata["checksum"] == file.checksum else { throw damaged("is damaged") }
        guard let state = try? JSONDecoder().decode(State.self, from: Data(json.utf8)) else {
            throw damaged("was written by another version")
        }
        // Limits far beyond any real training, so that no computation overflows.
        guard (0...1 << 32).contains(state.step), (0...1 << 32).contains(state.optimizerSteps),
            state.rateFactor > 0, state.rateFactor <= 1, state.seconds >= 0, state.seconds.isFinite
        else { throw damaged("holds numbers out of range") }
        func values(_ name: String) throws -> [Float] {
            guard let tensor = file.tensors[name] else { throw damaged("lacks the tensor \"\(name)\"") }
            return tensor.values
        }
        let records = try values("history")
        parameters = try values("parameters")
        let (mean, square) = (try values("adam.mean"), try values("adam.square"))
        guard mean.count == parameters.count, square.count == parameters.count else {
            throw damaged("is inconsistent")
        }
        optimizer = AdamState(mean: mean, square: square, steps: state.optimizerSteps)
        styles = try state.styleSteps.enumerated().map { index, steps in
            guard (0...1 << 32).contains(steps) else { throw damaged("holds numbers out of range") }
            let norms = try values("style.\(index)")
            let (mean, square) = (try values("style.\(index).adam.mean"), try values("style.\(index).adam.square"))
            guard mean.count == norms.count, square.count == norms.count, norms.allSatisfy(\.isFinite) else {
                throw damaged("is inconsistent")
            }
            return (norms, AdamState(mean: mean, square: square, steps: steps))
        }
        textures = try StyleTexture.list(in: file)
        guard records.count == state.step * Self.recordLength, parameters.allSatisfy(\.isFinite)
        else { throw damaged("is inconsistent") }
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

    /// Writes the file atomically.
    ///
    /// - Throws: `FileError`; an existing file is then unchanged.
    public func write(to path: String) throws { try Files.write(encoded(), to: path) }

    /// The file's contents.
    public func encoded() throws -> [UInt8] {
        let state = State(
            settings: settings, inputs: inputs, step: step, seconds: seconds, rateFactor: rateFactor,
            optimizerSteps: optimizer.steps,
            styleSteps: styles.map(\.optimizer.steps), validations: validations)
        let records = history.flatMap {
            [Float($0.frames), $0.losses.content, $0.losses.style, $0.losses.pixel, $0.losses.totalVariation]
        }
        func vector(_ values: [Float]) -> SafeTensors.Tensor {
            SafeTensors.Tensor(shape: [values.count], values: values)
        }
        var tensors = [
            ("parameters", vector(parameters)), ("adam.mean", vector(optimizer.mean)),
            ("adam.square", vector(optimizer.square)),
            ("history", SafeTensors.Tensor(shape: [history.count, Self.recordLength], values: records)),
        ]
        for (index, style) in styles.enumerated() {
            tensors += [
                ("style.\(index)", vector(style.values)), ("style.\(index).adam.mean", vector(style.optimizer.mean)),
                ("style.\(index).adam.square", vector(style.optimizer.square)),
            ]
        }
        tensors += StyleTexture.tensors(of: textures)
        let metadata = ["pentimento.kind": Self.kind, "state": try sortedJSON(state)]
        return SafeTensors.encode(tensors, metadata: metadata)
    }

    private static let recordLength = 5

    /// Checks that the settings are those of the checkpoint; only the length may differ.
    ///
    /// - Throws: ``TrainingError/checkpoint(_:)`` with the first difference.
    func check(settings: TrainingSettings, inputs: [String: String], parameterCount: Int) throws {
        var before = self.settings
        before.length = settings.length
        let kept = try before.entries().merging(self.inputs) { $1 }
        let wanted = try settings.entries().merging(inputs) { $1 }
        for key in Set(kept.keys).union(wanted.keys).sorted() where kept[key] != wanted[key] {
            throw TrainingError.checkpoint(
                "The checkpoint belongs to a run with other settings: \(key) was \(kept[key] ?? "not given"), is "
                    + "\(wanted[key] ?? "not given"). Use the same settings, or start again.")
        }
        guard parameters.count == parameterCount else {
            throw TrainingError.checkpoint(
                "The checkpoint holds \(parameters.count) parameters, the network has \(parameterCount). Start again.")
        }
    }
}

extension TrainingSettings {
    /// Each setting as text, by its command line name.
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

/// JSON with sorted keys, so that equal values give equal bytes.
func sortedJSON(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
