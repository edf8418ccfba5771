import CGStreamer
import Glibc
import MediaIO
import Support

/// Writes frames as they are, one after the other.
final class PlainFrames {
    private let format: PlainFormat
    private let name: String
    private let descriptor: Int32
    private var count = 0
    private var rate: GstFraction?
    /// Time of the last frame, in nanoseconds.
    private var last: Int64?
    /// What the frames are, for who reads raw ones; nil before the first.
    private(set) var description: String?

    /// In frames per second; 0/1: variable.
    private struct GstFraction {
        let numerator, denominator: gint

        /// Nanoseconds of a frame.
        var length: Int64 { 1_000_000_000 * Int64(denominator) / Int64(max(numerator, 1)) }
    }

    /// - Parameters:
    ///   - location: the path that is written to, or ``MediaOutput/standard``; `name` is the one that errors name.
    /// - Throws: if it cannot be opened.
    init(_ format: PlainFormat, at location: String, name: String) throws(MediaError) {
        self.format = format
        self.name = name
        descriptor = location == MediaOutput.standard ? dup(STDOUT_FILENO) : open(location, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, "write", name) }
    }

    deinit { close(descriptor) }

    /// Writes a frame.
    ///
    /// - Throws: if it cannot be written, or Y4M does not hold its time.
    func write(_ sample: Sample) throws(MediaError) {
        guard let information = sample.videoInfo, let pixels = sample.pixels() else {
            throw MediaError("\(name): has no memory for a frame")
        }
        if count == 0 { try begin(information) }
        if format == .y4m {
            try checkTime(sample.runningTimes.shown)
            try write(Array("FRAME\n".utf8))
        }
        try write(pixels)
        count += 1
    }

    private func begin(_ information: GstVideoInfo) throws(MediaError) {
        let rate = GstFraction(numerator: information.fps_n, denominator: information.fps_d)
        self.rate = rate
        let size = (information.width, information.height)
        let speed = rate.numerator > 0 ? "\(rate.numerator)/\(rate.denominator) frames/s" : "a varying rate"
        description = "raw frames: RGB24, \(size.0)x\(size.1), \(speed)"
        guard format == .y4m else { return }
        guard rate.numerator > 0 else {
            throw MediaError("\(name): Y4M needs frames of a constant rate; \(Self.remedy)")
        }
        let isFull = information.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255
        try write(
            Array(
                """
                YUV4MPEG2 W\(size.0) H\(size.1) F\(rate.numerator):\(rate.denominator) \
                I\(Self.fields(information)) A\(information.par_n):\(information.par_d) \(Self.sampling(information)) \
                XCOLORRANGE=\(isFull ? "FULL" : "LIMITED")\n
                """.utf8))
    }

    private static let remedy =
        "make it constant first, as by ffmpeg -vsync cfr, or write Matroska, which keeps the times"

    /// The words of the header for the place of chroma and the bits of a value.
    private static func sampling(_ information: GstVideoInfo) -> String {
        switch information.finfo?.pointee.format {
        case GST_VIDEO_FORMAT_Y444: "C444 XYSCSS=444"
        case GST_VIDEO_FORMAT_Y444_10LE: "C444p10 XYSCSS=444P10"
        case GST_VIDEO_FORMAT_I420_10LE: "C420p10 XYSCSS=420P10"
        default:
            if information.chroma_site == GST_VIDEO_CHROMA_SITE_JPEG {
                "C420jpeg XYSCSS=420JPEG"
            } else if information.chroma_site == GST_VIDEO_CHROMA_SITE_COSITED {
                "C420paldv XYSCSS=420PALDV"
            } else {
                "C420mpeg2 XYSCSS=420MPEG2"
            }
        }
    }

    /// `p` for progressive frames, `?` for those that were not made so.
    private static func fields(_ information: GstVideoInfo) -> String {
        information.interlace_mode == GST_VIDEO_INTERLACE_MODE_PROGRESSIVE ? "p" : "?"
    }

    /// - Throws: if a frame does not follow the last one after about the time that the rate says.
    private func checkTime(_ time: Int64?) throws(MediaError) {
        defer { last = time }
        guard let time, let last, let length = rate?.length else { return }
        guard 2 * abs(time - last - length) > length else { return }
        let seconds = Double((time - last) / 100_000) / 10_000
        throw MediaError(
            "\(name): Y4M needs frames of a constant rate, and frame \(count + 1) comes \(seconds) s after the one before; "
                + Self.remedy)
    }

    private func write(_ bytes: [UInt8]) throws(MediaError) {
        var done = 0
        while done < bytes.count {
            let got = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { throw .system(got < 0 ? errno : ENOSPC, "write", name) }
            done += got
        }
    }

    /// - Parameter expected: number of frames that came out of the elements.
    /// - Throws: if fewer were written.
    func finish(expected: Int) throws(MediaError) {
        guard count == expected else {
            throw MediaError("\(name): frames were lost: \(count) of \(expected) came out")
        }
    }
}
