import FoundationEssentials
import NeuralNet

extension TrainingSettings {
    /// The settings of the losses that a model was trained with, from its metadata; for those that it does not name,
    /// the defaults of earlier versions, which did not write all of them. All other settings have their defaults.
    ///
    /// - Throws: `DecodingError` if the metadata has other types or names.
    package init(lossesOf model: ModelDescription) throws {
        guard let text = model.training else {
            self = .unnamedLosses
            return
        }
        self = try JSONDecoder().decode(Metadata.self, from: Data(text.utf8)).settings?.settings ?? .unnamedLosses
    }

    /// The losses that were the defaults before models named theirs.
    package static let unnamedLosses: TrainingSettings = {
        var settings = TrainingSettings()
        settings.styleWeight = 12
        settings.contentLayers = [LossLayer(block: 3, convolution: 3)]
        settings.styleLayers = [(1, 2), (2, 2), (3, 3), (4, 3)].map { LossLayer(block: $0.0, convolution: $0.1) }
        (settings.styleStatistic, settings.styleNormalization, settings.pooling) = (.gram, .none, .max)
        return settings
    }()

    private struct Metadata: Decodable {
        let settings: Losses?
    }

    private struct Losses: Decodable {
        let settings: TrainingSettings

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            var settings = unnamedLosses
            func read<Value: Decodable>(_ setting: WritableKeyPath<TrainingSettings, Value>, _ key: CodingKeys) throws {
                guard let value = try container.decodeIfPresent(Value.self, forKey: key) else { return }
                settings[keyPath: setting] = value
            }
            try read(\.contentWeight, .contentWeight)
            try read(\.styleWeight, .styleWeight)
            try read(\.totalVariationWeight, .totalVariationWeight)
            try read(\.contentLayers, .contentLayers)
            try read(\.styleLayers, .styleLayers)
            try read(\.styleStatistic, .styleStatistic)
            try read(\.styleNormalization, .styleNormalization)
            try read(\.pooling, .pooling)
            try read(\.styleSize, .styleSize)
            try read(\.styleCrop, .styleCrop)
            self.settings = settings
        }
    }
}
