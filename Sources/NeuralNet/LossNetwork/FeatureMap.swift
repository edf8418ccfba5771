import CKernels

/// The activations of one layer, or the gradient with respect to them: `channels` x `height` x `width` values.
///
/// They lie in blocks of 16 channels, [channels / 16][height][width][16], as the kernels want them; `planar()` gives them in
/// the usual order. Results do not depend on the number of threads. For one thread at a time.
public final class FeatureMap {
    /// A multiple of 16.
    public let channels: Int
    public let height: Int
    public let width: Int
    let values: UnsafeMutablePointer<Float>
    /// What `values` lies in.
    private let memory: Memory

    private var blocks: Int32 { Int32(channels / 16) }
    private var pixels: Int { height * width }
    var count: Int { channels * pixels }

    init(channels: Int, height: Int, width: Int, values: UnsafeMutablePointer<Float>, memory: Memory) {
        self.channels = channels
        self.height = height
        self.width = width
        self.values = values
        self.memory = memory
    }

    /// All values, one plane a channel, planes one after the other.
    public func planar() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { planes, initialized in
            feature_unblock(values, Int32(channels), Int32(pixels), nil, planes.baseAddress, 0)
            initialized = count
        }
    }

    /// The same values in memory of their own, which no later evaluation overwrites.
    public func copy() -> FeatureMap {
        let memory = Memory()
        return FeatureMap(
            channels: channels, height: height, width: width, values: memory.copy(values, count: count), memory: memory)
    }

    /// Sets all values to 0.
    public func clear() { values.update(repeating: 0, count: count) }

    /// The Gram matrix, `channels` x `channels`, symmetric: the sum over all pixels of the products of two channels (paper
    /// equation 2, undivided). No numbers where there is no memory to compute it in.
    ///
    /// - Parameter threads: at most so many compute; 0: one for each processor.
    public func gramMatrix(threads: Int = 0) -> [Float] {
        [Float](unsafeUninitializedCapacity: channels * channels) { gram, initialized in
            if !feature_gram(values, blocks, Int32(pixels), gram.baseAddress, Int32(threads)) {
                gram.update(repeating: .nan)
            }
            initialized = channels * channels
        }
    }

    /// The sum of the squared differences of all values.
    ///
    /// - Precondition: `other` has the same size.
    public func squaredDistance(to other: FeatureMap, threads: Int = 0) -> Double {
        precondition(other.channels == channels && other.height == height && other.width == width)
        return feature_squared_distance(values, other.values, Int32(count), Int32(threads))
    }

    /// Adds `factor * (first - second)`: the gradient of a squared distance.
    ///
    /// - Precondition: both have this one's size.
    public func add(
        _ factor: Float, timesDifferenceOf first: FeatureMap, and second: FeatureMap, threads: Int = 0
    ) {
        precondition(first.channels == channels && first.height == height && first.width == width)
        precondition(second.channels == channels && second.height == height && second.width == width)
        feature_add_difference(first.values, second.values, Int32(count), factor, values, Int32(threads))
    }

    /// Adds `factor * matrix * features`, features taken as a matrix with a row for each channel: with a difference of Gram
    /// matrices the gradient of a style loss.
    ///
    /// - Parameter matrix: `channels` x `channels`.
    /// - Precondition: `features` has this one's size.
    public func add(_ factor: Float, times matrix: [Float], on features: FeatureMap, threads: Int = 0) {
        precondition(features.channels == channels && features.height == height && features.width == width)
        precondition(matrix.count == channels * channels)
        let isDone = feature_multiply_add(
            features.values, blocks, Int32(pixels), matrix, factor, values, Int32(threads))
        if !isDone { values[0] = .nan }  // there was no memory; the minimizer stops at it
    }
}
