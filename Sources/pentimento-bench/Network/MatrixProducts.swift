import CKernels
import COpenBLAS
import Imaging

/// Compares Gram matrices of feature maps, and products of a matrix with a feature map, with OpenBLAS.
///
/// All run in turn in each round, so that other load on the machine falls on all alike. OpenBLAS gets
/// [pixels][channels], the layout that is copied fastest from and to blocks of 16 channels; its times are taken with
/// the copies and without.
enum MatrixProducts {
    static let usage = "[--threads N] [--runs 21]"

    /// The layers of the loss network for frames of 640x360.
    private static let layers = [(64, 640, 360), (128, 320, 180), (256, 160, 90), (512, 80, 45)]

    static func run(_ arguments: [String]) throws {
        var options: [String: Int] = [:]
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard ["--threads", "--runs"].contains(option), let value = rest.popFirst().flatMap({ Int($0) }), value > 0
            else { throw BenchmarkError("usage: matrix-products \(usage)") }
            options[option] = value
        }
        let threads = options["--threads"] ?? Int(kernel_processor_count())
        let runs = options["--runs"] ?? 21
        openblas_set_num_threads(Int32(threads))
        let core = openblas_get_corename().map { String(cString: $0) } ?? "unknown"
        print("medians of \(runs) rounds in ms, \(threads) threads, OpenBLAS kernels \(core)")
        for (channels, width, height) in layers {
            let features = try BlockedFeatures(channels: channels, width: width, height: height, threads: threads)
            for (name, own, peer, isEqual) in [
                ("Gram matrix", features.gram, features.gramByOpenBLAS, features.gramsAgree),
                ("product", features.product, features.productByOpenBLAS, features.productsAgree),
            ] {
                var times: (own: [Double], peer: [Double], bare: [Double]) = ([], [], [])
                for round in 0...runs {
                    let (one, two, three) = (time { own() }, time { peer(true) }, time { peer(false) })
                    if round == 0 {
                        guard isEqual() else { throw BenchmarkError("\(name): the results differ") }
                        continue
                    }
                    times.own.append(one)
                    times.peer.append(two)
                    times.bare.append(three)
                }
                let (own, peer, bare) = (median(times.own), median(times.peer), median(times.bare))
                print(
                    "\(name), \(channels) x \(width)x\(height): Pentimento \(rounded(own)), OpenBLAS \(rounded(peer)), "
                        + "without copies \(rounded(bare)), ratios \(rounded(own / peer)) and \(rounded(own / bare))")
                flush()
            }
        }
    }

    private static func time(_ work: () -> Void) -> Double { ContinuousClock().measure(work) / .milliseconds(1) }
    private static func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }
    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

/// A feature map in both layouts, and the results of both programs.
private final class BlockedFeatures {
    private let channels: Int
    private let pixels: Int
    private let threads: Int
    private let map: feature_map
    /// The own product.
    private let target: feature_map
    /// OpenBLAS's product, in blocks.
    private let peerTarget: feature_map
    /// [pixels][channels].
    private let rows: UnsafeMutablePointer<Float>
    private let rowsTarget: UnsafeMutablePointer<Float>
    private let matrix: [Float]
    private var grams: (own: [Float], peer: [Float])

    init(channels: Int, width: Int, height: Int, threads: Int) throws {
        (self.channels, pixels, self.threads) = (channels, width * height, threads)
        let count = channels * width * height
        func memory() throws -> UnsafeMutablePointer<Float> {
            guard let memory = blocked_allocate(count) else { throw BenchmarkError("there is not enough memory") }
            memory.update(repeating: 0, count: count)
            return memory
        }
        func blocked() throws -> feature_map {
            feature_map(
                values: try memory(), blocks: Int32(channels / 16), height: Int32(height), width: Int32(width),
                stride: width * height)
        }
        (map, target, peerTarget) = (try blocked(), try blocked(), try blocked())
        (rows, rowsTarget) = (try memory(), try memory())
        matrix = (0..<channels * channels).map { Float($0 * 7919 % 255) / 128 - 1 }
        let empty = [Float](repeating: 0, count: channels * channels)
        grams = (empty, empty)
        for index in 0..<count { map.values[index] = Float(index % 65521 * 7919 % 255) / 128 - 1 }
        copy(map, to: rows)
    }

    deinit {
        for memory in [map.values, target.values, peerTarget.values, rows, rowsTarget] {
            blocked_free(memory, channels * pixels)
        }
    }

    func gram() {
        withUnsafePointer(to: map) { _ = feature_gram($0, &grams.own, Int32(threads)) }
    }

    func gramByOpenBLAS(withCopies: Bool) {
        if withCopies { copy(map, to: rows) }
        let size = Int32(channels)
        cblas_ssyrk(
            CblasRowMajor, CblasUpper, CblasTrans, size, Int32(pixels), 1, rows, size, 0, &grams.peer, size)
    }

    /// The kernel adds to a map of zeros.
    func product() {
        let parts = Int(target.blocks)
        parallel(parts, threads: threads) { [target, pixels] block in
            (target.values + block * pixels * 16).update(repeating: 0, count: pixels * 16)
        }
        withUnsafePointer(to: map) { map in
            withUnsafePointer(to: target) { _ = feature_multiply_add(map, matrix, 1, $0, Int32(threads)) }
        }
    }

    func productByOpenBLAS(withCopies: Bool) {
        if withCopies { copy(map, to: rows) }
        let size = Int32(channels)
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(pixels), size, size, 1, rows, size, matrix, size, 0,
            rowsTarget, size)
        if withCopies { copy(peerTarget, from: rowsTarget) }
    }

    func gramsAgree() -> Bool {
        let pairs = (0..<channels).flatMap { i in (i..<channels).map { i * channels + $0 } }
        return agree(pairs.map { grams.own[$0] }, pairs.map { grams.peer[$0] })
    }

    func productsAgree() -> Bool {
        let count = channels * pixels
        return agree(
            UnsafeBufferPointer(start: target.values, count: count),
            UnsafeBufferPointer(start: peerTarget.values, count: count))
    }

    private func agree(_ one: some Collection<Float>, _ other: some Collection<Float>) -> Bool {
        let largest = one.reduce(0) { max($0, abs($1)) }
        return largest > 0 && zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 * largest }
    }

    private func copy(_ map: feature_map, to rows: UnsafeMutablePointer<Float>) {
        let (from, to) = (sixteens(map.values), sixteens(rows))
        eachSixteen { to[$1] = from[$0] }
    }

    private func copy(_ map: feature_map, from rows: UnsafeMutablePointer<Float>) {
        let (from, to) = (sixteens(rows), sixteens(map.values))
        eachSixteen { to[$0] = from[$1] }
    }

    private func sixteens(_ values: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<SIMD16<Float>> {
        UnsafeMutableRawPointer(values).assumingMemoryBound(to: SIMD16<Float>.self)
    }

    /// Runs `body` on every 16 channels of a pixel, with their index in either layout.
    @inline(__always) private func eachSixteen(_ body: (_ inBlocks: Int, _ inRows: Int) -> Void) {
        let (blocks, pixels, length) = (channels / 16, pixels, 128)
        parallel((pixels + length - 1) / length, threads: threads) { chunk in
            for block in 0..<blocks {
                for pixel in chunk * length..<min((chunk + 1) * length, pixels) {
                    body(block * pixels + pixel, pixel * blocks + block)
                }
            }
        }
    }
}
