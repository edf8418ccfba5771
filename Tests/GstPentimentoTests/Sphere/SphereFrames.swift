import CGStreamer
import Glibc
import GstPentimento
import Imaging

/// A smooth equirectangular frame of a sphere that rotates about the vertical axis.
///
/// - Parameters:
///   - turn: rotation in radians.
///   - fourth: value of each pixel's unused fourth byte.
func equirectangularFrame(
    _ width: Int, _ height: Int, _ layout: PixelLayout = .rgb, turn: Double = 0, fourth: UInt8 = 200
) -> [UInt8] {
    let stride = (width * layout.bytesPerPixel + 3) / 4 * 4
    var bytes = [UInt8](repeating: fourth, count: stride * height)
    for y in 0..<height {
        let latitude = (0.5 - (Double(y) + 0.5) / Double(height)) * Double.pi
        for x in 0..<width {
            let longitude = ((Double(x) + 0.5) / Double(width) - 0.5) * 2 * Double.pi + turn
            let (right, up, front) = (cos(latitude) * sin(longitude), sin(latitude), cos(latitude) * cos(longitude))
            let pixel = y * stride + x * layout.bytesPerPixel
            bytes[pixel + layout.red] = UInt8(128 + 60 * sin(5 * right + 2 * up) + 40 * sin(4 * front))
            bytes[pixel + layout.green] = UInt8(128 + 60 * sin(4 * up - 3 * front) + 40 * cos(6 * right))
            bytes[pixel + layout.blue] = UInt8(128 + 90 * sin(3 * front + 3 * right))
        }
    }
    return bytes
}

/// Six stacked faces of 64 pixels, each a separate image that moves by (1.5, 0.75) pixels per frame.
struct ColumnFrame {
    static let faceSize = 64
    let index: Int
    /// Faces that show an unrelated image.
    var changed: Range<Int> = 0..<0

    /// One face alone.
    static func face(_ face: Int, index: Int, changed: Bool = false) -> TestFrame {
        TestFrame(
            width: faceSize, height: faceSize, layout: .rgb, index: index + 9 * face, scene: changed ? 1 : 0,
            timeIndex: index)
    }

    var bytes: [UInt8] {
        (0..<6).flatMap { Self.face($0, index: index, changed: changed.contains($0)).makeBytes() }
    }

    static let caps =
        "video/x-raw, format=(string)RGB, width=(int)\(faceSize), height=(int)\(6 * faceSize), framerate=(fraction)25/1"

    func makeBuffer(cubeMap: CubeMapMeta? = CubeMapMeta(faceSize: faceSize, overlap: 0)) -> UnsafeMutablePointer<
        GstBuffer
    >? {
        let bytes = bytes
        guard let buffer = gst_buffer_new_memdup(bytes, gsize(bytes.count)) else { return nil }
        buffer.pointee.pts = GstClockTime(index) * TestFrame.duration
        buffer.pointee.duration = TestFrame.duration
        cubeMap?.attach(to: buffer)
        return buffer
    }

    /// The output of the elements in `text` between an appsrc and an appsink.
    static func run(
        _ frames: [ColumnFrame], through text: String, cubeMap: CubeMapMeta? = CubeMapMeta(faceSize: 64, overlap: 0)
    ) throws -> [OutputFrame] {
        let pipeline = try TestPipeline("appsrc name=in format=time ! \(text) ! appsink name=out sync=false")
        pipeline.setCaps(caps)
        pipeline.play()
        for frame in frames { pipeline.push(frame.makeBuffer(cubeMap: cubeMap)) }
        pipeline.endStream()
        return try pipeline.pullAll()
    }
}
