import CKernels

/// The activations of one layer, or the gradient with respect to them: `channels` x `height` x `width` values.
///
/// They are stored in blocks of 16 channels, [channels / 16][height][width][16]; `planar()` returns
/// [channels][height][width]. Results do not depend on the number of threads. Only one thread may use an instance at a
/// time.
public final class FeatureMap {
    /// A multiple of 16.
    public let channels: Int
    /// In pixels of the layer.
    public let height: Int
    /// In pixels of the layer.
    public let width: Int
    let map: feature_map
    /// The owner of the values' memory.
    private let memory: Memory

    private var count: Int { channels * height * width }

    /// - Parameters:
    ///   - values: the first block's first pixel.
    ///   - stride: pixels from block to block.
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

    /// Allocates a map of zeros.
    ///
    /// - Throws: an error if the allocation fails.
    private convenience init(channels: Int, height: Int, width: Int) throws(ModelError) {
        let memory = Memory()
        self.init(
            channels: channels, height: height, width: width, values: try memory.floats(channels * height * width),
            stride: height * width, memory: memory)
    }

    /// All values as [channels][height][width].
    public func planar() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { planes, initialized in
            withUnsafePointer(to: map) { feature_unblock($0, Int32(channels), nil, planes.baseAddress, 0) }
            initialized = count
        }
    }

    /// A copy that later evaluations of the network do not overwrite.
    ///
    /// - Throws: an error if the allocation fails.
    public func copy() throws(ModelError) -> FeatureMap {
        let copy = try FeatureMap(channels: channels, height: height, width: width)
        copy.update(from: self)
        return copy
    }

    /// Copies the values of another map.
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

    /// The Gram matrix, `channels` x `channels`, symmetric: the sum over all pixels of the products of two channels
    /// (paper equation 2, not normalised).
    ///
    /// - Parameter threads: the maximum number of threads; 0: one for each processor.
    /// - Throws: an error if an allocation fails.
    public func gramMatrix(threads: Int = 0) throws(ModelError) -> [Float] {
        var succeeded = false
        let matrix = [Float](unsafeUninitializedCapacity: channels * channels) { gram, initialized in
            succeeded = withUnsafePointer(to: map) { feature_gram($0, gram.baseAddress, Int32(threads)) }
            initialized = succeeded ? channels * channels : 0
        }
        guard succeeded else { throw Self.noMemory }
        return matrix
    }

    /// The sum of the squared differences of all values.
    ///
    /// - Throws: an error if an allocation fails.
    /// - Precondition: `other` has the same size.
    public func squaredDistance(to other: FeatureMap, threads: Int = 0) throws(ModelError) -> Double {
        requireSameSize(other)
        var sum = 0.0
        let succeeded = withUnsafePointer(to: map) { map in
            withUnsafePointer(to: other.map) { feature_squared_distance(map, $0, &sum, Int32(threads)) }
        }
        guard succeeded else { throw Self.noMemory }
        return sum
    }

    private static var noMemory: ModelError {
        ModelError("cannot allocate memory to compare the loss network's activations: close other programs")
    }

    /// Adds `factor * (first - second)`: the gradient of a squared distance.
    ///
    /// - Precondition: both have this one's size.
    public func add(
        _ factor: Float, timesDifferenceOf first: FeatureMap, and second: FeatureMap, threads: Int = 0
    ) {
        requireSameSize(first)
        requireSameSize(second)
        withUnsafePointer(to: map) { map in
            withUnsafePointer(to: first.map) { first in
                withUnsafePointer(to: second.map) { feature_add_difference(first, $0, factor, map, Int32(threads)) }
            }
        }
    }

    /// Adds `factor * matrix * features`, where `features` is a matrix with a row for each channel. For a difference of
    /// Gram matrices this is the gradient of a style loss.
    ///
    /// - Parameter matrix: `channels` x `channels`.
    /// - Throws: an error if an allocation fails.
    /// - Precondition: `features` has this one's size.
    public func add(
        _ factor: Float, times matrix: [Float], on features: FeatureMap, threads: Int = 0
    ) throws(ModelError) {
        requireSameSize(features)
        precondition(matrix.count == channels * channels)
        let succeeded = withUnsafePointer(to: map) { map in
            withUnsafePointer(to: features.map) { feature_multiply_add($0, matrix, factor, map, Int32(threads)) }
        }
        guard succeeded else { throw Self.noMemory }
    }

    /// A map of this one's size that holds `matrix * self`, for a matrix of `channels` x `channels`.
    ///
    /// - Throws: an error if an allocation fails.
    func multiplied(by matrix: [Float], threads: Int) throws(ModelError) -> FeatureMap {
        let product = try FeatureMap(channels: channels, height: height, width: width)
        try product.add(1, times: matrix, on: self, threads: threads)
        return product
    }

    /// The quantiles of each channel's values, [channels][count], at the levels (i + 0.5) / `count`.
    ///
    /// - Throws: an error if an allocation fails.
    func quantiles(_ count: Int, threads: Int) throws(ModelError) -> [Float] {
        var succeeded = false
        let result = [Float](unsafeUninitializedCapacity: channels * count) { result, initialized in
            succeeded = withUnsafePointer(to: map) {
                feature_quantiles($0, Int32(count), result.baseAddress, Int32(threads))
            }
            initialized = succeeded ? channels * count : 0
        }
        guard succeeded else { throw Self.noMemory }
        return result
    }

    /// Subtracts from each value the value of the same rank in its channel's target distribution.
    ///
    /// - Parameter targets: quantiles, [channels][count].
    /// - Returns: the sum of the squared differences.
    /// - Throws: an error if an allocation fails.
    func subtract(quantiles targets: [Float], threads: Int) throws(ModelError) -> Double {
        var sum = 0.0
        let succeeded = withUnsafePointer(to: map) {
            feature_subtract_quantiles($0, targets, Int32(targets.count / channels), &sum, Int32(threads))
        }
        guard succeeded else { throw Self.noMemory }
        return sum
    }

    private func requireSameSize(_ other: FeatureMap) {
        precondition(
            other.channels == channels && other.height == height && other.width == width,
            "the feature maps have different sizes")
    }
}
