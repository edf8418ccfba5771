import Imaging
import NeuralNet
import Sphere
import Style

/// Compares the time of a sphere's geometry with that of six network runs.
enum SphereGeometry {
    static let usage =
        "[FACE OVERLAP THREADS [MODEL]] (milliseconds a sphere: the median of 21 runs; 640 64 0 scream)"

    static func run(_ arguments: [String]) throws {
        func number(_ index: Int, _ value: Int) -> Int {
            index < arguments.count ? Int(arguments[index]) ?? value : value
        }
        let geometry = try CubeGeometry(faceSize: number(0, 640), overlap: number(1, 64))
        let threads = number(2, 0)
        let (width, height) = SphereLayout.equirectangular.size(faceSize: geometry.faceSize)
        var bytes = (
            frame: [UInt8](repeating: 0, count: width * height * 4),
            column: [UInt8](repeating: 0, count: geometry.columnWidth * geometry.columnHeight * 4)
        )
        for i in bytes.frame.indices { bytes.frame[i] = UInt8(truncatingIfNeeded: i &* 7919 >> 3) }
        let clock = ContinuousClock()
        var (splitter, joiner): (CubeSplitter?, CubeJoiner?)
        let making = try clock.measure {
            splitter = try CubeSplitter(
                from: .equirectangular, width: width, height: height, to: geometry, threads: threads)
            joiner = try CubeJoiner(
                from: geometry, to: .equirectangular, width: width, height: height, threads: threads)
        }
        guard let splitter, let joiner else { return }
        print("making both maps, once     \(milliseconds(making))")
        var geometryTime = 0.0
        let split = median {
            withPixels(&bytes.frame, width, height) { frame in
                withPixels(&bytes.column, geometry.columnWidth, geometry.columnHeight) {
                    splitter.split(frame, into: $0)
                }
            }
        }
        print("split                      \(FlowAccuracy.rounded(split))")
        let join = median {
            withPixels(&bytes.column, geometry.columnWidth, geometry.columnHeight) { column in
                withPixels(&bytes.frame, width, height) { joiner.join(column, into: $0) }
            }
        }
        print("join                       \(FlowAccuracy.rounded(join))")
        let column = Image(width: geometry.columnWidth, height: geometry.columnHeight)
        let sequence = FaceSequence(geometry: geometry)
        let last = Prior.empty(width: column.width, height: column.height, fill: .mean)
        let borders = try median {
            _ = try sequence.run(width: column.width, height: column.height, prior: last, threads: threads) {
                _, _, _, _ in
                nil
            }
        }
        print("laying borders over        \(FlowAccuracy.rounded(borders))")
        geometryTime = split + join + borders
        let model = arguments.count > 3 ? arguments[3] : "scream"
        let side = geometry.extendedSize
        let network = try Network(
            model: Model(contentsOf: ModelLibrary.standard.path(of: model)), width: side, height: side, threads: threads
        )
        let face = Image(width: side, height: side)
        let prior = Prior.empty(width: side, height: side, fill: .mean)
        let six =
            try 6 * median(of: 5) { _ = try network.run(frame: face, prior: prior.image, certainty: prior.certainty) }
        print("network of six faces       \(FlowAccuracy.rounded(six))")
        print("geometry over network      \(FlowAccuracy.rounded(geometryTime / six))")
    }

    private static func withPixels(
        _ bytes: inout [UInt8], _ width: Int, _ height: Int, _ body: (PackedPixels) -> Void
    ) {
        bytes.withUnsafeMutableBytes {
            guard let base = $0.baseAddress else { return }
            body(PackedPixels(base: base, stride: 4 * width, width: width, height: height, layout: .rgbx))
        }
    }

    /// Median time in milliseconds.
    private static func median(of count: Int = 21, _ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let times = try (0..<count).map { _ in try clock.measure(body) }.sorted()
        return value(times[count / 2])
    }

    private static func value(_ time: Duration) -> Double {
        Double(time.components.seconds) * 1000 + Double(time.components.attoseconds) * 1e-15
    }

    private static func milliseconds(_ time: Duration) -> String { FlowAccuracy.rounded(value(time)) }
}
