import CGStreamer
import Imaging

/// A GstSample from an `appsink`.
struct Sample {
    private let sample: OpaquePointer

    init(_ sample: OpaquePointer) {
        self.sample = sample
    }

    func release() {
        gst_mini_object_unref(UnsafeMutableRawPointer(sample).assumingMemoryBound(to: GstMiniObject.self))
    }

    /// Presentation time in seconds; nil if the buffer has none.
    var time: Double? {
        guard let buffer = gst_sample_get_buffer(sample), buffer.pointee.pts != UInt.max else { return nil }
        return Double(buffer.pointee.pts) / 1e9
    }

    /// The buffer's bytes.
    func bytes() -> [UInt8] {
        guard let buffer = gst_sample_get_buffer(sample) else { return [] }
        let size = gst_buffer_get_size(buffer)
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, count in
            count = Int(gst_buffer_extract(buffer, 0, bytes.baseAddress, size))
        }
    }

    /// The image of an RGB or RGBA buffer in picture space; nil for other formats.
    ///
    /// - Parameter background: grey level, 0...255, behind transparent pixels.
    func image(over background: Float = 0) -> Image? {
        guard let buffer = gst_sample_get_buffer(sample), let caps = gst_sample_get_caps(sample) else { return nil }
        var info = GstVideoInfo()
        guard gst_video_info_from_caps(&info, caps) != 0, let format = info.finfo?.pointee.format,
            format == GST_VIDEO_FORMAT_RGB || format == GST_VIDEO_FORMAT_RGBA
        else { return nil }
        var frame = GstVideoFrame()
        guard gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ) != 0 else { return nil }
        defer { gst_video_frame_unmap(&frame) }
        guard let data = frame.data.0 else { return nil }
        let (width, height) = (Int(frame.info.width), Int(frame.info.height))
        let stride = Int(frame.info.stride.0)
        let step = format == GST_VIDEO_FORMAT_RGB ? 3 : 4
        let bytes = data.assumingMemoryBound(to: UInt8.self)
        var image = Image(width: width, height: height)
        image.samples.withUnsafeMutableBufferPointer { samples in
            for channel in 0..<3 {
                for y in 0..<height {
                    let row = bytes + y * stride
                    let plane = (channel * height + y) * width
                    for x in 0..<width { samples[plane + x] = Float(row[x * step + channel]) }
                    guard step == 4 else { continue }
                    for x in 0..<width where row[x * 4 + 3] < 255 {
                        let opacity = Float(row[x * 4 + 3]) / 255
                        samples[plane + x] = samples[plane + x] * opacity + background * (1 - opacity)
                    }
                }
            }
        }
        return image
    }
}

extension Pipeline {
    /// The next sample of an `appsink`; nil at end-of-stream.
    ///
    /// - Parameter poll: called repeatedly while waiting, and once for each sample.
    /// - Throws: the pipeline's and `poll`'s errors, and one if the calling thread's `Cancellation` is requested.
    func pullSample(
        from name: String, poll: () throws(MediaError) -> Void = { () throws(MediaError) in }
    ) throws(MediaError) -> Sample? {
        while true {
            let pulled = child(name) { sink -> (sample: OpaquePointer?, ended: Bool) in
                let sink = sink.of(GstAppSink.self)
                let sample = gst_app_sink_try_pull_sample(sink, 50_000_000)
                return (sample, sample == nil && gst_app_sink_is_eos(sink) != 0)
            }
            // Errors take precedence over samples in the sink and over the end-of-stream that follows.
            do throws(MediaError) {
                _ = try step(timeout: 0)
                try poll()
                // Some demuxers never end on damaged files, and give no frames meanwhile.
                if Cancellation.isRequested { throw MediaError("\(input): reading was interrupted") }
            } catch {
                pulled?.sample.map(Sample.init)?.release()
                throw error
            }
            guard let pulled else { return nil }
            if let sample = pulled.sample { return Sample(sample) }
            if pulled.ended { return nil }
        }
    }
}
