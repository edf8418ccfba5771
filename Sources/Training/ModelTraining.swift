import FoundationEssentials
import NeuralNet

extension TrainingSettings {
    /// The settings of the losses that a model was trained with, from its metadata; the defaults for those that it does
    /// not name, as models of earlier versions do. All other settings have their defaults.
    ///
    /// - Throws: `DecodingError` if the metadata has other types or names.
    package init(lossesOf model: ModelDescription) throws {
        guard let text = model.training else {
            self.init()
            return
        }
        self = try JSONDecoder().decode(Metadata.self, from: Data(text.utf8)).settings?.settings ?? TrainingSettings()
    }

    private struct Metadata: Decodable {
        let settings: Losses?
    }

    private struct Losses: Decodable {
        let settings: TrainingSettings

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            var settings = TrainingSettings()
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
