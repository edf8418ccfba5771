/// A layer of the loss network whose activations a loss looks at: the rectified output of one of its convolutions, written
/// as in the paper (7.2.1), for example `relu4_2`.
public struct LossLayer: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Counted from 1; pooling lies between blocks.
    public let block: Int
    /// Of the block's convolutions, counted from 1.
    public let convolution: Int

    public init(block: Int, convolution: Int) {
        self.block = block
        self.convolution = convolution
    }

    /// - Parameter name: such as `relu4_2`.
    /// - Throws: an error if the name is none of VGG-19's layers, which has all those of VGG-16.
    public init(_ name: String) throws(ModelError) {
        let layers = LossNetworkKind.vgg19.layers
        guard let layer = layers.first(where: { $0.description == name }) else {
            throw ModelError("\"\(name)\" is no layer of the loss network; it has relu1_1 to relu5_4")
        }
        self = layer
    }

    /// - Parameter names: separated by commas, spaces allowed; no layer may stand there twice.
    /// - Throws: an error that names what is no layer.
    public static func list(_ names: String) throws(ModelError) -> [LossLayer] {
        var layers: [LossLayer] = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            let layer = try LossLayer(String(name.filter { $0 != " " }))
            if layers.contains(layer) { throw ModelError("\(layer) stands twice in \"\(names)\"") }
            layers.append(layer)
        }
        return layers
    }

    public var description: String { "relu\(block)_\(convolution)" }

    public static func < (one: LossLayer, other: LossLayer) -> Bool {
        (one.block, one.convolution) < (other.block, other.convolution)
    }
}

/// The classification networks that the losses know (Simonyan and Zisserman 2015).
public enum LossNetworkKind: String, CaseIterable, Sendable {
    case vgg16, vgg19

    /// The convolutions of each block.
    public var convolutionsPerBlock: [Int] { self == .vgg16 ? [2, 2, 3, 3, 3] : [2, 2, 4, 4, 4] }

    /// The channels that each block's convolutions give.
    public static let channelsPerBlock = [64, 128, 256, 512, 512]

    /// All layers, the first first.
    public var layers: [LossLayer] {
        zip(1..., convolutionsPerBlock).flatMap { block, count in
            (1...count).map { LossLayer(block: block, convolution: $0) }
        }
    }
}

/// What stands between two blocks of the loss network, each halving width and height (rounded down).
public enum Pooling: String, CaseIterable, Sendable {
    /// The largest of four values, as the network was trained.
    case max
    /// Their mean, which Gatys et al. found to give smoother pictures.
    case average
}
