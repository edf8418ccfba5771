/// A layer of the loss network that a loss can use: the output of a convolution after ReLU, named as in the paper
/// (7.2.1), for example `relu4_2`.
public struct LossLayer: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Counted from 1; pooling separates blocks.
    public let block: Int
    /// Index of the convolution in its block, counted from 1.
    public let convolution: Int

    /// Does not check that a network has this layer.
    public init(block: Int, convolution: Int) {
        self.block = block
        self.convolution = convolution
    }

    /// - Parameter name: such as `relu4_2`.
    /// - Throws: an error if VGG-19 has no such layer. It has all layers of VGG-16.
    public init(_ name: String) throws(ModelError) {
        let layers = LossNetworkKind.vgg19.layers
        guard let layer = layers.first(where: { $0.description == name }) else {
            throw ModelError("\"\(name)\" is not a layer of the loss network; it has relu1_1 to relu5_4")
        }
        self = layer
    }

    /// Parses a list of layers.
    ///
    /// - Parameter names: separated by commas; spaces are ignored.
    /// - Throws: an error that names an unknown or repeated layer.
    public static func list(_ names: String) throws(ModelError) -> [LossLayer] {
        var layers: [LossLayer] = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            let layer = try LossLayer(String(name.filter { $0 != " " }))
            if layers.contains(layer) { throw ModelError("\(layer) is repeated in \"\(names)\"") }
            layers.append(layer)
        }
        return layers
    }

    /// The paper's name, such as `relu4_2`.
    public var description: String { "relu\(block)_\(convolution)" }

    /// Network order: by block, then by convolution.
    public static func < (one: LossLayer, other: LossLayer) -> Bool {
        (one.block, one.convolution) < (other.block, other.convolution)
    }
}

/// The classification networks that can be used as loss networks (Simonyan and Zisserman 2015).
public enum LossNetworkKind: String, CaseIterable, Sendable {
    case vgg16, vgg19

    /// The number of convolutions of each block.
    public var convolutionsPerBlock: [Int] { self == .vgg16 ? [2, 2, 3, 3, 3] : [2, 2, 4, 4, 4] }

    /// The output channels of each block's convolutions.
    public static let channelsPerBlock = [64, 128, 256, 512, 512]

    /// All layers in network order.
    public var layers: [LossLayer] {
        zip(1..., convolutionsPerBlock).flatMap { block, count in
            (1...count).map { LossLayer(block: block, convolution: $0) }
        }
    }
}

/// The 2x2 pooling between two blocks of the loss network. It halves width and height, rounded down.
public enum Pooling: String, CaseIterable, Sendable {
    /// The maximum of four values, as in the network's training.
    case max
    /// The mean of four values; Gatys et al. found that it gives smoother images.
    case average
}
