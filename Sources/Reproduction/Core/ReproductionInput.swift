import Evaluation
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

/// A style of the tables: a painting, and the model that was trained on it.
public struct TableStyle: Sendable {
    /// The painting's file name without its extension.
    public let name: String
    /// The painting, in network space.
    let painting: StyleImage
    /// As for `ModelLibrary.model`; nil: the network's rows are left out.
    let model: String?
    /// SHA-256 of the painting's file.
    let digest: String

    /// - Throws: `MediaError` if the painting cannot be read.
    public init(painting path: String, model: String?) throws {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        name = file.split(separator: ".").dropLast().joined(separator: ".")
        let image = try Image(contentsOf: path)
        digest = try sha256(Files.read(path)[...])
        painting = StyleImage(image: image.networkSpace())
        self.model = model
    }
}

/// Files with the flow of another method.
public struct FlowFiles: Sendable {
    /// Name of the method in tables.
    public var name: String
    /// From a frame to the one before, with the scene as %s: `deepflow/%s/backward_[%d]_{%d}.flo`.
    public var backward: String
    /// The reverse; nil: the flow is not checked.
    public var forward: String?

    public init(name: String, backward: String, forward: String?) {
        self.name = name
        self.backward = backward
        self.forward = forward
    }
}

/// What all experiments work on.
public struct ReproductionInput {
    /// Scenes with true flow.
    public var scenes: [SintelScene]
    /// Paintings and models.
    public var styles: [TableStyle]
    /// The loss network of the optimisation.
    public var lossNetwork: LossNetworkWeights
    /// Its name on the page.
    public var lossNetworkName: String
    /// Where models are looked up.
    public var library: ModelLibrary
    /// Flow of another method.
    public var flowFiles: FlowFiles?
    /// Models of table 5 by the names of its columns, as for `ModelLibrary.model`; the others are trained.
    public var trainedModels: [String: String]
    /// A model with dilated convolutions for figure 3, as for `ModelLibrary.model`.
    public var dilatedModel: String?
    /// Equirectangular pictures.
    public var panoramas: [String]
    /// Folder of photographs for trainings.
    public var photographs: String?
    /// How much is computed.
    public var budget: Budget
    /// Maximum number of threads; 0: one per processor.
    public var threads: Int
    let digests = FileDigests()

    /// The other inputs are empty.
    public init(
        scenes: [SintelScene], styles: [TableStyle], lossNetwork: LossNetworkWeights, lossNetworkName: String,
        library: ModelLibrary = .standard, budget: Budget, threads: Int = 0
    ) {
        self.scenes = Array(scenes.prefix(budget.scenes ?? .max))
        self.styles = Array(styles.prefix(budget.styles ?? .max))
        self.lossNetwork = lossNetwork
        self.lossNetworkName = lossNetworkName
        self.library = library
        self.budget = budget
        self.threads = threads
        flowFiles = nil
        panoramas = []
        photographs = nil
        trainedModels = [:]
        dilatedModel = nil
    }
}

extension ReproductionInput {
    /// The settings of the short-term method within the budget.
    var optimizationSettings: OptimizationSettings {
        var settings = OptimizationSettings()
        settings.firstIterations = budget.iterations.first
        settings.nextIterations = budget.iterations.next
        settings.tolerance = budget.tolerance
        settings.threads = threads
        return settings
    }
}
