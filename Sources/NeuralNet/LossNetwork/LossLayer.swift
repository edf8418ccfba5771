/// A layer of the loss network that a loss can use: the output of a convolution after ReLU, named as in the paper
/// (7.2.1), for example `relu4_2`; or `relu4_2/2`, computed on the image at half size. A layer of a reduced image sees
/// larger structures and takes less time.
public struct LossLayer: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Counted from 1; pooling separates blocks.
    public let block: Int
    /// Index of the convolution in its block, counted from 1.
    public let convolution: Int
    /// The image is reduced by this factor first: 1, 2, 4 or 8.
    public let reduction: Int

    /// The allowed values of ``reduction``.
    public static let reductions = [1, 2, 4, 8]

    /// Does not check that a network has this layer.
    public init(block: Int, convolution: Int, reduction: Int = 1) {
        self.block = block
        self.convolution = convolution
        self.reduction = reduction
    }

    /// - Parameter name: such as `relu4_2` or `relu4_2/2`.
    /// - Throws: an error if VGG-19 has no such layer, which has all layers of VGG-16, or for another reduction.
    public init(_ name: String) throws(ModelError) {
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let layers = LossNetworkKind.vgg19.layers
        guard let layer = layers.first(where: { $0.description == parts[0] }) else {
            throw ModelError("\"\(name)\" is not a layer of the loss network; it has relu1_1 to relu5_4")
        }
        let reduction = parts.count == 1 ? 1 : Int(parts[1]) ?? 0
        guard Self.reductions.contains(reduction) else {
            throw ModelError("\"\(name)\" is not a layer of the loss network: the image is reduced by /2, /4 or /8")
        }
        self = layer.reduced(by: reduction)
    }

    /// The same layer for an image that is reduced by another factor.
    func reduced(by reduction: Int) -> LossLayer {
        LossLayer(block: block, convolution: convolution, reduction: reduction)
    }

    /// The shortest side of an image for which pooling leaves at least one pixel in this layer.
    package var smallestSide: Int { reduction << (block - 1) }

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

    /// The paper's name, such as `relu4_2`, and the reduction.
    public var description: String { "relu\(block)_\(convolution)" + (reduction == 1 ? "" : "/\(reduction)") }

    /// Network order: by reduction, block and convolution.
    public static func < (one: LossLayer, other: LossLayer) -> Bool {
        (one.reduction, one.block, one.convolution) < (other.reduction, other.block, other.convolution)
    }
}

extension [LossLayer] {
    /// The layers by reduction, as layers of the reduced image.
    func byReduction() -> [(reduction: Int, layers: [LossLayer])] {
        Dictionary(grouping: self, by: \.reduction).sorted { $0.key < $1.key }
            .map { (reduction: $0.key, layers: $0.value.map { $0.reduced(by: 1) }) }
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
