import CKernels

/// Mean and variance of each channel of a tensor.
struct ChannelMoments: Sendable {
    private let channels: [blocked_moments]

    /// Of what a convolution has written.
    init(of target: blocked_target, chunks: Int) {
        let phases = target.spread * target.spread
        let blocks = target.blocks / phases
        channels = Array(unsafeUninitializedCapacity: Int(blocks) * 16) { channels, count in
            blocked_combine_moments(
                target.moments, target.counts, Int32(chunks), blocks, phases, channels.baseAddress)
            count = channels.count
        }
    }

    /// Of all values of tensors of one size together.
    ///
    /// - Precondition: they have as many channels each, and there is one.
    init(pooling parts: [ChannelMoments]) {
        if parts.count == 1 {
            self = parts[0]
            return
        }
        let count = Double(parts.count)
        channels = parts[0].channels.indices.map { channel in
            let mean = parts.reduce(0) { $0 + $1.channels[channel].mean } / count
            let variance =
                parts.reduce(0) { sum, part in
                    let own = part.channels[channel]
                    return sum + own.variance + (own.mean - mean) * (own.mean - mean)
                } / count
            return blocked_moments(mean: mean, variance: variance)
        }
    }

    var count: Int { channels.count }

    /// The scale and shift that give each channel mean `beta` and deviation `gamma`.
    func normalize(
        _ gamma: UnsafePointer<Float>, _ beta: UnsafePointer<Float>, scale: UnsafeMutablePointer<Float>,
        shift: UnsafeMutablePointer<Float>
    ) {
        blocked_normalize(channels, Int32(channels.count), gamma, beta, instanceNormEpsilon, scale, shift)
    }
}

/// What the instance normalisations of a network met in a picture: mean and variance of each channel before each of them.
///
/// Pictures that are parts of one are normalised by what all of them met together, or each would be painted in contrasts and
/// colours of its own.
public struct PictureStatistics: Sendable {
    var layers: [ChannelMoments] = []

    init() {}

    /// Of pictures of one size together; nil where there is none, or where they come from different networks.
    public init?(pooling pictures: [PictureStatistics]) {
        guard let first = pictures.first,
            pictures.allSatisfy({ $0.layers.map(\.count) == first.layers.map(\.count) })
        else { return nil }
        layers = first.layers.indices.map { layer in ChannelMoments(pooling: pictures.map { $0.layers[layer] }) }
    }

    /// Those of a layer that has as many channels as another; nil where the network is another one.
    func moments(of layer: Int, like other: ChannelMoments) -> ChannelMoments? {
        layers.indices.contains(layer) && layers[layer].count == other.count ? layers[layer] : nil
    }
}
