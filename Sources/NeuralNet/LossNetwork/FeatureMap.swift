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
    let map: feature_map
    /// What the values lie in.
    private let memory: Memory

    private var count: Int { channels * height * width }

    /// - Parameters:
    ///   - values: of the first block's first pixel.
    ///   - stride: the pixels from block to block.
    init(
        channels: Int, height: Int, width: Int, values: UnsafeMutablePointer<Float>, stride: Int, memory: Memory
    ) {
        self.channels = channels
        self.height = height
        self.width = width
        map = feature_map(
            values: values, blocks: Int32(channels / 16), height: Int32(height), width: Int32(width), stride: stride)
        self.memory = memory
    }

    /// Memory for values that are yet to be written.
    ///
    /// - Throws: an error if there is none.
    private convenience init(channels: Int, height: Int, width: Int) throws(ModelError) {
        let memory = Memory()
        self.init(
            channels: channels, height: height, width: width, values: try memory.floats(channels * height * width),
            stride: height * width, memory: memory)
    }

    /// All values, one plane a channel, planes one after the other.
    public func planar() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { planes, initialized in
            withUnsafePointer(to: map) { feature_unblock($0, Int32(channels), nil, planes.baseAddress, 0) }
            initialized = count
        }
    }

    /// The same values in memory of their own, which no later evaluation overwrites.
    ///
    /// - Throws: an error if there is no memory for them.
    public func copy() throws(ModelError) -> FeatureMap {
        let copy = try FeatureMap(channels: channels, height: height, width: width)
        copy.update(from: self)
        return copy
    }

    /// Takes the values of another.
    ///
    /// - Precondition: it has the same size.
    func update(from other: FeatureMap) {
        requireSameSize(other)
        for block in 0..<Int(map.blocks) {
            map.values.advanced(by: block * map.stride * 16).update(
                from: other.map.values + block * other.map.stride * 16, count: height * width * 16)
        }
    }

    /// Sets all values to 0.
    public func clear() {
        for block in 0..<Int(map.blocks) {
            map.values.advanced(by: block * map.stride * 16).update(repeating: 0, count: height * width * 16)
        }
    }

    /// The Gram matrix, `channels` x `channels`, symmetric: the sum over all pixels of the products of two channels (paper
    /// equation 2, undivided).
    ///
    /// - Parameter threads: at most so many compute; 0: one for each processor.
    /// - Throws: an error if there is no memory to compute it in.
    public func gramMatrix(threads: Int = 0) throws(ModelError) -> [Float] {
        var isDone = false
        let matrix = [Float](unsafeUninitializedCapacity: channels * channels) { gram, initialized in
            isDone = withUnsafePointer(to: map) { feature_gram($0, gram.baseAddress, Int32(threads)) }
            initialized = isDone ? channels * channels : 0
        }
        guard isDone else { throw Self.noMemory }
        return matrix
    }

    /// The sum of the squared differences of all values.
    ///
    /// - Throws: an error if there is no memory to compute it in.
    /// - Precondition: `other` has the same size.
    public func squaredDistance(to other: FeatureMap, threads: Int = 0) throws(ModelError) -> Double {
        requireSameSize(other)
        var sum = 0.0
        let isDone = withUnsafePointer(to: map) { own in
            withUnsafePointer(to: other.map) { feature_squared_distance(own, $0, &sum, Int32(threads)) }
        }
        guard isDone else { throw Self.noMemory }
        return sum
    }

    private static var noMemory: ModelError {
        ModelError("there is no memory to compare what the loss network sees: end other programs")
    }

    /// Adds `factor * (first - second)`: the gradient of a squared distance.
    ///
    /// - Precondition: both have this one's size.
    public func add(
        _ factor: Float, timesDifferenceOf first: FeatureMap, and second: FeatureMap, threads: Int = 0
    ) {
        requireSameSize(first)
        requireSameSize(second)
        withUnsafePointer(to: map) { own in
            withUnsafePointer(to: first.map) { first in
                withUnsafePointer(to: second.map) { feature_add_difference(first, $0, factor, own, Int32(threads)) }
            }
        }
    }

    /// Adds `factor * matrix * features`, features taken as a matrix with a row for each channel: with a difference of Gram
    /// matrices the gradient of a style loss.
    ///
    /// - Parameter matrix: `channels` x `channels`.
    /// - Throws: an error if there is no memory to compute it in.
    /// - Precondition: `features` has this one's size.
    public func add(
        _ factor: Float, times matrix: [Float], on features: FeatureMap, threads: Int = 0
    ) throws(ModelError) {
        requireSameSize(features)
        precondition(matrix.count == channels * channels)
        let isDone = withUnsafePointer(to: map) { own in
            withUnsafePointer(to: features.map) { feature_multiply_add($0, matrix, factor, own, Int32(threads)) }
        }
        guard isDone else { throw Self.noMemory }
    }

    private func requireSameSize(_ other: FeatureMap) {
        precondition(
            other.channels == channels && other.height == height && other.width == width,
            "the feature maps have different sizes")
    }
}
