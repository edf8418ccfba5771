import Flow
import Imaging
import Support

/// Times the image operations per frame outside flow and network.
enum ImagingTimes {
    static let usage = "[WIDTHxHEIGHT [THREADS [STEP]]] (milliseconds of each step: median of 101 runs, least)"

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
        reportFrames(bytes, width, height, threads)
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

    /// Steps between a frame and the network, which works at 640x360, and the flow, at 960x540.
    private static func reportFrames(_ bytes: UnsafeMutableRawPointer, _ width: Int, _ height: Int, _ threads: Int) {
        func packed(_ layout: PixelLayout) -> FramePixels {
            FramePixels(
                PackedPixels(
                    base: bytes, stride: width * layout.bytesPerPixel, width: width, height: height, layout: layout))
        }
        let half = (
            columns: SampleGrid(covering: width, spacing: 2, shift: -0.5),
            rows: SampleGrid(covering: height, spacing: 2)
        )
        func chroma(_ offset: Int) -> FrameComponent {
            FrameComponent(
                base: bytes + width * height + offset, stride: width, step: 2, columns: half.columns, rows: half.rows)
        }
        let luma = FrameComponent(
            base: bytes, stride: width, step: 1, columns: SampleGrid(covering: width),
            rows: SampleGrid(covering: height))
        let planar = FramePixels(
            luma: luma, blue: chroma(0), red: chroma(1), colors: .yuv(red: 0.2126, blue: 0.0722, isFull: false))
        for (name, frame) in [("RGBx", packed(.rgbx)), ("RGB", packed(.rgb)), ("NV12", planar)] {
            report("luma 960x540 \(name)") { _ = frame.luma(width: 960, height: 540, threads: threads) }
            report("input 640x360 \(name)") { _ = frame.networkImage(width: 640, height: 360, threads: threads) }
            let input = frame.networkImage(width: 640, height: 360)
            var painter = FramePainter()
            report("paint guided \(name)") { painter.paint(input, from: input, over: frame, threads: threads) }
            report("paint cubic \(name)") { painter.paint(input, over: frame, threads: threads) }
            let mask = Plane<UInt8>(width: width, height: height, repeating: 100)
            report("paint masked \(name)") {
                painter.paint(input, from: input, over: frame, covering: .init(mask: mask), threads: threads)
            }
        }
    }

    private static func report(_ name: String, _ body: () -> Void) {
        // With a third argument, the steps whose names contain it.
        if CommandLine.arguments.count > 4, !name.contains(CommandLine.arguments[4]) { return }
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
