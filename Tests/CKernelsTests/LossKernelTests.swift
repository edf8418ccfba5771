import CKernels
import TestSupport
import Testing

/// The loss network's kernels against their definitions, at the edges of their memory and with each variant.
@Suite struct LossKernelTests {
    /// Inputs and outputs: planes, few and many channels, and so many that weights are transformed in stages.
    @Test(
        arguments: [(3, 16), (16, 48), (96, 32), (512, 512)], [(1, 1), (5, 9), (2, 7), (26, 11)])
    func convolutions(channels: (Int, Int), size: (Int, Int)) throws {
        let (inputs, outputs) = channels
        let (width, height) = size
        if inputs == 512 && width > 5 { return }
        let weight = values(outputs * inputs * 9, seed: 1)
        let bias = values(outputs, seed: 2)
        let map = values(inputs * width * height, seed: 3)
        let gradient = values(outputs * width * height, seed: 4)
        let forward = plain(map, weight, bias, outputs: outputs, width, height).map { max($0, 0) }
        // The backward pass: only where the output is above 0.
        let masked = zip(gradient, forward).map { $1 > 0 ? $0 : 0 }
        var turned = weight
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<9 {
                    turned[(input * outputs + output) * 9 + tap] = weight[(output * inputs + input) * 9 + 8 - tap]
                }
            }
        }
        let backward = plain(
            masked, turned, [Float](repeating: 0, count: inputs), outputs: inputs, width, height)

        _ = withEachVariant {
            let layer = RawWeightsCase(weight: weight, inputs: inputs, outputs: outputs, width: width, height: height)
            let mask = Words(outputs / 16 * width * height)
            var target = blocked_target()
            bias.withUnsafeBufferPointer { bias in
                target.bias = bias.baseAddress
                target.mask = mask.pointer
                let output = layer.run(
                    planes: inputs < 16 ? map : nil, values: inputs < 16 ? nil : Blocked(map, width * height),
                    target: target, isBackward: false)
                #expect(isNear(output.planar(outputs), forward))
            }
            var source = blocked_source()
            source.mask = UnsafePointer(mask.pointer)
            let back = layer.run(
                values: Blocked(gradient, width * height), source: source, target: blocked_target(), isBackward: true)
            #expect(isNear(back.planar(inputs), backward))
        }
    }

    /// Pooling fused into the convolution, forward and backward, against the separate kernels.
    @Test(arguments: [(2, 2), (9, 5), (21, 14), (8, 16)], [BLOCKED_MAXIMUM, BLOCKED_AVERAGE])
    func pooling(size: (Int, Int), way: blocked_pooling) {
        let (width, height) = size
        let pixels = width * height
        let pooledPixels = (width / 2) * (height / 2)
        let weight = values(32 * 32 * 9, seed: 5)
        let bias = values(32, seed: 6)
        let map = values(32 * pixels, seed: 7)
        let pooledGradient = values(32 * pooledPixels, seed: 8)
        _ = withEachVariant {
            let layer = RawWeightsCase(weight: weight, inputs: 32, outputs: 32, width: width, height: height)
            let (mask, maxima, own) = (Words(2 * pixels), Words(2 * pixels), Words(2 * pixels))
            let pooled = Blocked([Float](repeating: 0, count: 32 * pooledPixels), pooledPixels)
            let together = bias.withUnsafeBufferPointer { bias in
                var target = blocked_target()
                target.bias = bias.baseAddress
                target.mask = mask.pointer
                let output = layer.run(values: Blocked(map, pixels), target: target, isBackward: false)
                if way == BLOCKED_MAXIMUM {
                    feature_pool_maximum(
                        [output.map(width, height)], [pooled.map(width / 2, height / 2)], maxima.pointer, 2)
                } else {
                    feature_pool_average([output.map(width, height)], [pooled.map(width / 2, height / 2)], 2)
                }
                target.mask = own.pointer
                target.pooling = way
                return layer.run(values: Blocked(map, pixels), target: target, isBackward: false)
            }
            #expect(together.planar(32) == pooled.planar(32))

            let from = Blocked(pooledGradient, pooledPixels)
            let unpooled = Blocked([Float](repeating: 1, count: 32 * pixels), pixels)
            if way == BLOCKED_MAXIMUM {
                feature_unpool_maximum(
                    [from.map(width / 2, height / 2)], maxima.pointer, [unpooled.map(width, height)], 2)
            } else {
                feature_unpool_average([from.map(width / 2, height / 2)], [unpooled.map(width, height)], 2)
            }
            var source = blocked_source()
            source.mask = UnsafePointer(mask.pointer)
            let expected = layer.run(values: unpooled, source: source, target: blocked_target(), isBackward: true)
            source.mask = UnsafePointer(own.pointer)
            source.unpool_factor = way == BLOCKED_MAXIMUM ? 1 : 0.25
            let back = layer.run(values: from, source: source, target: blocked_target(), isBackward: true)
            #expect(isNear(back.planar(32), expected.planar(32)))
        }
    }

    @Test(arguments: [(1, 1), (3, 37), (2, 1100), (5, 2500)])
    func losses(blocks: Int, pixels: Int) throws {
        let channels = 16 * blocks
        let first = values(channels * pixels, seed: 9)
        let second = values(channels * pixels, seed: 10)
        let matrix = values(channels * channels, seed: 11)
        var gram = [Float](repeating: 0, count: channels * channels)
        var product = second
        var distance = 0.0
        for i in 0..<channels {
            for j in 0..<channels {
                var sum = 0.0
                for pixel in 0..<pixels {
                    sum += Double(first[i * pixels + pixel]) * Double(first[j * pixels + pixel])
                    product[i * pixels + pixel] += 0.5 * matrix[i * channels + j] * first[j * pixels + pixel]
                }
                gram[i * channels + j] = Float(sum)
            }
        }
        for (one, other) in zip(first, second) { distance += Double(one - other) * Double(one - other) }
        let difference = zip(first, second).map { $1 - 0.25 * ($0 - $1) }

        // The first map is one image of a batch of stacked images.
        let (one, other) = (Blocked(first, pixels, gap: 5), Blocked(second, pixels))
        _ = withEachVariant {
            var results: [[[Float]]] = []
            for threads: Int32 in [1, 3] {
                var own = [Float](repeating: 0, count: channels * channels)
                let isGramDone = feature_gram([one.map(pixels, 1)], &own, threads)
                #expect(isGramDone && isNear(own, gram))
                let sum = Blocked(second, pixels)
                let isSumDone = feature_multiply_add([one.map(pixels, 1)], matrix, 0.5, [sum.map(pixels, 1)], threads)
                #expect(isSumDone && isNear(sum.planar(channels), product))
                let moved = Blocked(second, pixels, gap: 2)
                feature_add_difference(
                    [one.map(pixels, 1)], [other.map(pixels, 1)], -0.25, [moved.map(pixels, 1)], threads)
                #expect(isNear(moved.planar(channels), difference))
                var far = 0.0
                #expect(feature_squared_distance([one.map(pixels, 1)], [other.map(pixels, 1)], &far, threads))
                #expect(abs(far / distance - 1) < 1e-5)
                results.append([own, sum.planar(channels), moved.planar(channels), [Float(far)]])
            }
            #expect(results[0] == results[1])
        }
    }
}

/// A convolution with untransformed weights.
private struct RawWeightsCase {
    let weight: [Float]
    let inputs: Int
    let outputs: Int
    let width: Int
    let height: Int

    func run(
        planes: [Float]? = nil, values: Blocked? = nil, source: blocked_source = blocked_source(),
        target: blocked_target, isBackward: Bool
    ) -> Blocked {
        var (source, target) = (source, target)
        let to = isBackward ? inputs : outputs
        let pools = target.pooling != BLOCKED_NO_POOLING
        let pixels = pools ? (width / 2) * (height / 2) : width * height
        let output = Blocked([Float](repeating: 0, count: (to + 15) / 16 * 16 * pixels), pixels)
        source.channels = Int32(isBackward ? outputs : inputs)
        (source.width, source.height) = (Int32(width), Int32(height))
        (source.column_count, source.row_count) = (Int32(width + 2), Int32(height + 2))
        source.values = values.map { UnsafePointer($0.pointer) }
        target.values = output.pointer
        (target.width, target.height) = (Int32(width), Int32(height))
        target.blocks = Int32((to + 15) / 16)
        target.upscale = 1
        weight.withUnsafeBufferPointer { weight in
            (planes ?? []).withUnsafeBufferPointer { samples in
                let starts = (0..<inputs).map { plane in
                    samples.baseAddress.map { [offset = plane * width * height] in $0 + offset }
                }
                starts.withUnsafeBufferPointer { starts in
                    if planes != nil { source.planes = starts.baseAddress }
                    table(width).withUnsafeBufferPointer { columns in
                        table(height).withUnsafeBufferPointer { rows in
                            source.columns = columns.baseAddress
                            source.rows = rows.baseAddress
                            var raw = blocked_raw_weights(
                                weight: weight.baseAddress, outputs: Int32(outputs), inputs: Int32(inputs),
                                is_backward: isBackward ? 1 : 0)
                            let size = blocked_raw_weights_work(&raw, &target)
                            let work = blocked_allocate(size)
                            let scratch = blocked_scratch_create(2, blocked_raw_weights_scratch(&raw, &target))
                            blocked_convolve_raw_weights(&raw, &source, &target, work, scratch, 2)
                            blocked_scratch_destroy(scratch)
                            blocked_free(work, size)
                        }
                    }
                }
            }
        }
        return output
    }
}

/// Planes in blocks of 16 channels.
private final class Blocked {
    let pointer: UnsafeMutablePointer<Float>
    private let pixels: Int

    private let stride: Int
    private let blocks: Int

    /// - Parameter gap: pixels between two blocks, which must be ignored.
    init(_ planes: [Float], _ pixels: Int, gap: Int = 0) {
        self.pixels = pixels
        stride = pixels + gap
        let count = (planes.count / pixels + 15) / 16 * 16 * stride
        pointer = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64).bindMemory(
            to: Float.self, capacity: count)
        pointer.initialize(repeating: gap == 0 ? 0 : .nan, count: count)
        for (index, value) in planes.enumerated() {
            let (channel, pixel) = (index / pixels, index % pixels)
            pointer[(channel / 16 * stride + pixel) * 16 + channel % 16] = value
        }
        blocks = count / 16 / stride
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    func map(_ width: Int, _ height: Int) -> feature_map {
        feature_map(
            values: pointer, blocks: Int32(blocks), height: Int32(height), width: Int32(width), stride: stride)
    }

    func planar(_ channels: Int) -> [Float] {
        var planes = [Float](repeating: 0, count: channels * pixels)
        feature_unblock([map(pixels, 1)], Int32(channels), nil, &planes, 2)
        return planes
    }
}

private final class Words {
    let pointer: UnsafeMutablePointer<UInt16>

    init(_ count: Int) {
        pointer = .allocate(capacity: count)
        pointer.initialize(repeating: 0x5555, count: count)
    }

    deinit { pointer.deallocate() }
}

/// Rows or columns with a zero on each side.
private func table(_ length: Int) -> [Int32] { [-1] + (0..<Int32(length)) + [-1] }

/// A direct convolution of planes in double precision, with zero padding.
private func plain(_ map: [Float], _ weight: [Float], _ bias: [Float], outputs: Int, _ width: Int, _ height: Int)
    -> [Float]
{
    let inputs = map.count / (width * height)
    var result = [Float](repeating: 0, count: outputs * width * height)
    var plane = [Double](repeating: 0, count: width * height)
    for output in 0..<outputs {
        for pixel in plane.indices { plane[pixel] = Double(bias[output]) }
        for input in 0..<inputs {
            for tap in 0..<9 {
                let factor = Double(weight[(output * inputs + input) * 9 + tap])
                let (down, right) = (tap / 3 - 1, tap % 3 - 1)
                for y in max(0, -down)..<max(0, -down, height - max(0, down)) {
                    let from = (input * height + y + down) * width + right
                    for x in max(0, -right)..<max(0, -right, width - max(0, right)) {
                        plane[y * width + x] += factor * Double(map[from + x])
                    }
                }
            }
        }
        for pixel in plane.indices { result[output * width * height + pixel] = Float(plane[pixel]) }
    }
    return result
}

private func values(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
}

private func isNear(_ values: [Float], _ expected: [Float]) -> Bool {
    let size = expected.reduce(1) { max($0, abs($1)) }
    return largestDifference(values, expected) < 2e-5 * size
}
