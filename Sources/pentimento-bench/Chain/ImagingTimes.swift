import Flow
import Imaging
import Support

/// Times the image operations per frame outside flow and network.
enum ImagingTimes {
    static let usage = "[WIDTHxHEIGHT [THREADS]] (milliseconds of each step: the median of 101 runs, and the least)"

    static func run(_ arguments: [String]) throws {
        let size = (arguments.first ?? "640x360").split(separator: "x").compactMap { Int($0) }
        guard size.count == 2, size[0] > 0, size[1] > 0 else {
            throw FileError(path: arguments[0], reason: "is no size")
        }
        let (width, height) = (size[0], size[1])
        let threads = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: width * height * 4, alignment: 64)
        defer { bytes.deallocate() }
        for i in 0..<width * height * 4 {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: i &* 7919 >> 3), toByteOffset: i, as: UInt8.self)
        }
        var flow = FlowField(width: width, height: height)
        for i in flow.u.indices {
            flow.u[i] = Float(i % width) * 0.02 - 4.3
            flow.v[i] = Float(i / width) * -0.01 + 1.7
        }
        let reverse = FlowField(width: width, height: height, u: flow.u.map { -$0 }, v: flow.v.map { -$0 })
        let half = flow.resized(width: width / 2, height: height / 2)
        for layout in [PixelLayout.rgbx, .rgb] {
            let frame = PackedPixels(
                base: bytes, stride: width * layout.bytesPerPixel, width: width, height: height, layout: layout)
            var luma = frame.luma()
            let image = frame.networkImage()
            report("luma \(layout.name)") { frame.luma(into: &luma, threads: threads) }
            report("unpack \(layout.name)") { _ = frame.networkImage(threads: threads) }
            report("store \(layout.name)") { frame.store(image, threads: threads) }
        }
        let frame = PackedPixels(base: bytes, stride: width * 4, width: width, height: height, layout: .rgbx)
        let image = frame.networkImage()
        let small = image.resized(width: width / 2, height: height / 2)
        let check = ConsistencyCheck()
        let certainty = check.certainty(of: flow, reverse: reverse)
        report("check") { _ = check.certainty(of: flow, reverse: reverse, threads: threads) }
        report("minimum filter 7") { _ = certainty.minimumFiltered(size: 7, threads: threads) }
        report("warp bilinear") { _ = image.warped(by: flow, interpolation: .bilinear, threads: threads) }
        report("warp bicubic") { _ = image.warped(by: flow, interpolation: .bicubic, threads: threads) }
        report("resize flow to twice") { _ = half.resized(width: width, height: height, threads: threads) }
        report("resize picture to half") { _ = image.resized(width: width / 2, height: height / 2, threads: threads) }
        report("resize picture to twice") { _ = small.resized(width: width, height: height, threads: threads) }
        report("median filter 3") { _ = image.medianFiltered(size: 3, threads: threads) }
        report("median filter 5") { _ = image.medianFiltered(size: 5, threads: threads) }
        report("preserve color") { _ = image.withColor(of: image, order: .bgr, threads: threads) }
        report("mix") { _ = image.mixed(with: image, amount: 0.5, threads: threads) }
        report("long-term weights of 2") { _ = longTermWeights([certainty, certainty]) }
        report("flow colours") { _ = flowColors(flow, threads: threads) }
    }

    private static func report(_ name: String, _ body: () -> Void) {
        let clock = ContinuousClock()
        let times = (0..<101).map { _ in clock.measure(body) }.sorted()
        let padding = String(repeating: " ", count: max(1, 26 - name.count))
        print("\(name)\(padding)\(milliseconds(times[50]))  \(milliseconds(times[0]))")
    }

    private static func milliseconds(_ time: Duration) -> String {
        let microseconds = time.components.attoseconds / 1_000_000_000_000
        return "\(microseconds / 1000).\(String(1000 + microseconds % 1000).dropFirst())"
    }
}
