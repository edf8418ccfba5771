import CKernels

/// Added to the variance by instance normalisation.
package let instanceNormEpsilon: Float = 1e-5

/// Mean and variance of each channel of a tensor.
struct ChannelMoments: Sendable {
    private let channels: [blocked_moments]

    /// The moments of a convolution's output, from the partial moments of its chunks.
    init(of target: blocked_target, chunks: Int) {
        let phases = target.upscale * target.upscale
        let blocks = target.blocks / phases
        channels = Array(unsafeUninitializedCapacity: Int(blocks) * 16) { channels, count in
            blocked_combine_moments(
                target.moments, target.counts, Int32(chunks), blocks, phases, channels.baseAddress)
            count = channels.count
        }
    }

    /// The moments over the values of several tensors of the same size.
    ///
    /// - Precondition: there is at least one tensor, and all have the same number of channels.
    init(pooling tensors: [ChannelMoments]) {
        if tensors.count == 1 {
            self = tensors[0]
            return
        }
        let count = Double(tensors.count)
        channels = tensors[0].channels.indices.map { channel in
            let mean = tensors.reduce(0) { $0 + $1.channels[channel].mean } / count
            let variance =
                tensors.reduce(0) { sum, tensor in
                    let moments = tensor.channels[channel]
                    return sum + moments.variance + (moments.mean - mean) * (moments.mean - mean)
                } / count
            return blocked_moments(mean: mean, variance: variance)
        }
    }

    var count: Int { channels.count }

    /// Instance normalisation as `value * scale + shift`: the result has mean `beta` and standard deviation `gamma`.
    func normalize(
        _ gamma: UnsafePointer<Float>, _ beta: UnsafePointer<Float>, scale: UnsafeMutablePointer<Float>,
        shift: UnsafeMutablePointer<Float>
    ) {
        blocked_normalize(channels, Int32(channels.count), gamma, beta, instanceNormEpsilon, scale, shift)
    }
}

/// The instance-norm statistics of an image: mean and variance of each channel, before each instance normalisation.
///
/// Images that belong together, such as the faces of a cube map, are normalised by their pooled statistics. With its
/// own statistics each would get its own contrast and colours.
public struct InstanceNormStatistics: Sendable {
    var layers: [ChannelMoments] = []

    init() {}

    /// Pools the statistics of images of the same size; nil if there are none or they come from different networks.
    public init?(pooling images: [InstanceNormStatistics]) {
        guard let first = images.first,
            images.allSatisfy({ $0.layers.map(\.count) == first.layers.map(\.count) })
        else { return nil }
        layers = first.layers.indices.map { layer in ChannelMoments(pooling: images.map { $0.layers[layer] }) }
    }

    /// The moments of a layer; nil if that layer does not have as many channels as `other`, so the network differs.
    func moments(of layer: Int, like other: ChannelMoments) -> ChannelMoments? {
        layers.indices.contains(layer) && layers[layer].count == other.count ? layers[layer] : nil
    }
}
