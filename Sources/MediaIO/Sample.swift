import CGStreamer
import Imaging

/// A GstSample from an `appsink`.
package struct Sample {
    private let sample: OpaquePointer

    package init(_ sample: OpaquePointer) {
        self.sample = sample
    }

    package func release() {
        gst_mini_object_unref(UnsafeMutableRawPointer(sample).assumingMemoryBound(to: GstMiniObject.self))
    }

    /// Presentation time in seconds; nil if the buffer has none.
    package var time: Double? {
        guard let buffer = gst_sample_get_buffer(sample), buffer.pointee.pts != UInt.max else { return nil }
        return Double(buffer.pointee.pts) / 1e9
    }

    /// What the buffer is.
    package var caps: UnsafeMutablePointer<GstCaps>? { gst_sample_get_caps(sample) }

    /// Running times at which the buffer is shown and decoded, in nanoseconds; negative before the start of the stream.
    package var runningTimes: (shown: Int64?, decoded: Int64?) {
        guard let buffer = gst_sample_get_buffer(sample), let segment = gst_sample_get_segment(sample) else {
            return (nil, nil)
        }
        func time(_ time: GstClockTime) -> Int64? {
            guard time != GstClockTime.max else { return nil }
            var running: guint64 = 0
            let sign = gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, guint64(time), &running)
            return sign == 0 ? nil : Int64(sign) * Int64(running)
        }
        return (time(buffer.pointee.pts), time(buffer.pointee.dts))
    }

    /// In nanoseconds; nil if not known.
    package var duration: Int64? {
        guard let buffer = gst_sample_get_buffer(sample), buffer.pointee.duration != GstClockTime.max else {
            return nil
        }
        return Int64(buffer.pointee.duration)
    }

    /// Whether decoding can begin here.
    package var isKeyFrame: Bool {
        guard let buffer = gst_sample_get_buffer(sample) else { return false }
        return buffer.pointee.mini_object.flags & GST_BUFFER_FLAG_DELTA_UNIT.rawValue == 0
    }

    /// The buffer's bytes.
    package func bytes() -> [UInt8] {
        guard let buffer = gst_sample_get_buffer(sample) else { return [] }
        let size = gst_buffer_get_size(buffer)
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, count in
            count = Int(gst_buffer_extract(buffer, 0, bytes.baseAddress, size))
        }
    }

    /// What a raw frame is; nil for other buffers.
    package var videoInfo: GstVideoInfo? {
        var information = GstVideoInfo()
        guard let caps, gst_video_info_from_caps(&information, caps) != 0 else { return nil }
        return information
    }

    /// The values of a raw frame, without padding: plane after plane, row after row; nil for other buffers.
    package func pixels() -> [UInt8]? {
        guard var information = videoInfo, let buffer = gst_sample_get_buffer(sample) else { return nil }
        var frame = GstVideoFrame()
        guard gst_video_frame_map(&frame, &information, buffer, GST_MAP_READ) != 0 else { return nil }
        defer { gst_video_frame_unmap(&frame) }
        guard let format = frame.info.finfo?.pointee else { return nil }
        let planes = [frame.data.0, frame.data.1, frame.data.2, frame.data.3]
        let strides = [frame.info.stride.0, frame.info.stride.1, frame.info.stride.2, frame.info.stride.3]
        // Its first component says how large a plane is.
        let places = [format.plane.0, format.plane.1, format.plane.2, format.plane.3]
        let widths = [format.w_sub.0, format.w_sub.1, format.w_sub.2, format.w_sub.3]
        let heights = [format.h_sub.0, format.h_sub.1, format.h_sub.2, format.h_sub.3]
        let steps = [format.pixel_stride.0, format.pixel_stride.1, format.pixel_stride.2, format.pixel_stride.3]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(frame.info.size))
        for plane in 0..<Int(format.n_planes) {
            guard let data = planes[plane], let component = places.firstIndex(of: guint(plane)) else { return nil }
            // Rounded up.
            let width = -(-Int(frame.info.width) >> Int(widths[component])) * Int(steps[component])
            let height = -(-Int(frame.info.height) >> Int(heights[component]))
            for row in 0..<height {
                bytes += UnsafeRawBufferPointer(start: data + row * Int(strides[plane]), count: width)
            }
        }
        return bytes
    }

    /// The image of an RGB buffer in picture space; nil for other formats.
    package func image() -> Image? {
        guard let buffer = gst_sample_get_buffer(sample), let caps = gst_sample_get_caps(sample) else { return nil }
        var info = GstVideoInfo()
        guard gst_video_info_from_caps(&info, caps) != 0, info.finfo?.pointee.format == GST_VIDEO_FORMAT_RGB else {
            return nil
        }
        var frame = GstVideoFrame()
        guard gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ) != 0 else { return nil }
        defer { gst_video_frame_unmap(&frame) }
        guard let data = frame.data.0 else { return nil }
        let (width, height) = (Int(frame.info.width), Int(frame.info.height))
        let stride = Int(frame.info.stride.0)
        let bytes = data.assumingMemoryBound(to: UInt8.self)
        var image = Image(width: width, height: height)
        image.samples.withUnsafeMutableBufferPointer { samples in
            for channel in 0..<3 {
                for y in 0..<height {
                    let row = bytes + y * stride
                    let plane = (channel * height + y) * width
                    for x in 0..<width { samples[plane + x] = Float(row[x * 3 + channel]) }
                }
            }
        }
        return image
    }
}

extension Pipeline {
    /// A sample that an `appsink` holds already; nil if there is none.
    package func readySample(from name: String) -> Sample? {
        child(name) { gst_app_sink_try_pull_sample($0.of(GstAppSink.self), 0) }.flatMap { $0 }.map(Sample.init)
    }

    /// The next sample of an `appsink`; nil at end-of-stream.
    ///
    /// - Parameter poll: called repeatedly while waiting, and once for each sample.
    /// - Throws: the pipeline's and `poll`'s errors, and one if the calling thread's `Cancellation` is requested.
    package func pullSample(
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
