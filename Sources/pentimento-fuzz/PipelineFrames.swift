import CGStreamer
import Flow
import GStreamerKit
import GstPentimento
import Imaging

/// Generates frames of a format that sometimes changes, with and without metas.
struct FrameMaker {
    private let isSphere: Bool
    private var width = 8
    private var height = 8
    private var layout = PixelLayout.rgb
    private var rate = "25/1"
    private var time: UInt64 = 0

    init(isSphere: Bool) { self.isSphere = isSphere }

    /// Chooses another format.
    mutating func change(_ random: inout FuzzRandom) {
        layout = PixelLayout.all[random.below(PixelLayout.all.count)]
        let rates = ["25/1", "0/1", "30000/1001", "1/1", "2147483647/1", "1/2147483647"]
        rate = rates[random.below(rates.count)]
        if isSphere, !random.chance(6) {
            height = 4 + random.below(20)
            width = 2 * height
        } else {
            // Mostly small and odd sizes.
            width = random.chance(4) ? 1 + random.below(3) : 1 + random.below(40)
            height = random.chance(4) ? 1 + random.below(3) : 1 + random.below(40)
        }
    }

    /// The format's caps; the caller owns them.
    var caps: UnsafeMutablePointer<GstCaps>? {
        gst_caps_from_string(
            "video/x-raw,format=\(layout.name),width=\(width),height=\(height),framerate=(fraction)\(rate)")
    }

    mutating func push(to source: UnsafeMutablePointer<GstAppSrc>, _ random: inout FuzzRandom) {
        let rowBytes = width * layout.bytesPerPixel
        let padding = random.chance(3) ? random.below(40) : (4 - rowBytes % 4) % 4
        let isUsual = padding == (4 - rowBytes % 4) % 4
        let stride = rowBytes + padding
        // Sometimes a frame is too short.
        let count = random.chance(25) ? random.below(stride * height + 1) : stride * height
        var bytes = [UInt8](repeating: 0, count: max(count, 1))
        let shift = random.below(256)
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index * 7 + index / 50 * shift) }
        guard let buffer = bytes.withUnsafeBytes({ gst_buffer_new_memdup($0.baseAddress, gsize($0.count)) }) else {
            return
        }
        time &+= random.chance(12) ? random.next() >> UInt64(random.below(64)) : 40_000_000
        buffer.pointee.pts = random.chance(15) ? GstClockTime.max : GstClockTime(time)
        if random.chance(2) { buffer.pointee.duration = 40_000_000 }
        if !isUsual || random.chance(6) { addVideoMeta(to: buffer, stride: stride, &random) }
        if random.chance(8) { addCropMeta(to: buffer, &random) }
        while random.chance(3) { MetaMaker.attach(to: buffer, width: width, height: height, &random) }
        gst_app_src_push_buffer(source, buffer)
    }

    private func addVideoMeta(to buffer: UnsafeMutablePointer<GstBuffer>, stride: Int, _ random: inout FuzzRandom) {
        var (offsets, strides): ([gsize], [gint]) = ([0, 0, 0, 0], [gint(stride), 0, 0, 0])
        if random.chance(10) { strides[0] = gint(clamping: random.size()) }
        if random.chance(10) { offsets[0] = gsize(clamping: random.size()) }
        let sides = random.chance(10) ? (random.size(), random.size()) : (width, height)
        gst_buffer_add_video_meta_full(
            buffer, GST_VIDEO_FRAME_FLAG_NONE, .named(layout.name), guint(clamping: sides.0),
            guint(clamping: sides.1), 1, &offsets, &strides)
    }

    private func addCropMeta(to buffer: UnsafeMutablePointer<GstBuffer>, _ random: inout FuzzRandom) {
        guard let meta = gst_buffer_add_meta(buffer, gst_video_crop_meta_get_info(), nil) else { return }
        let crop = UnsafeMutableRawPointer(meta).assumingMemoryBound(to: GstVideoCropMeta.self)
        crop.pointee.x = guint(truncatingIfNeeded: random.size())
        crop.pointee.y = guint(truncatingIfNeeded: random.size())
        crop.pointee.width = guint(truncatingIfNeeded: random.chance(2) ? width : random.size())
        crop.pointee.height = guint(truncatingIfNeeded: random.chance(2) ? height : random.size())
    }
}

/// Random payloads of metas and messages.
enum RandomPayload {
    /// A buffer of floats, some of them not finite; the caller owns it.
    static func make(length: Int, _ random: inout FuzzRandom) -> UnsafeMutablePointer<GstBuffer>? {
        if length == 0 { return gst_buffer_new() }
        let odd: [Float] = [.nan, .infinity, -.infinity, 1e30, -3e9, .leastNonzeroMagnitude, 0]
        let strange = random.chance(3)
        let values = (0..<length).map { _ in
            strange && random.chance(4) ? odd[random.below(odd.count)] : Float(random.below(200)) / 100
        }
        return values.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, gsize($0.count)) }
    }
}

/// Metas of this project's types, as other elements might attach them.
enum MetaMaker {
    static func attach(
        to buffer: UnsafeMutablePointer<GstBuffer>, width: Int, height: Int, _ random: inout FuzzRandom
    ) {
        let w = random.chance(3) ? random.size() : width
        let h = random.chance(3) ? random.size() : height
        let isSane = (1...64).contains(w) && (1...64).contains(h)
        let count = isSane && !random.chance(4) ? w * h : random.below(300)
        func payload(_ planes: Int) -> UnsafeMutablePointer<GstBuffer>? {
            random.chance(8) ? nil : RandomPayload.make(length: planes * count, &random)
        }
        switch random.below(6) {
        case 0:
            guard let meta: UnsafeMutablePointer<PentimentoFlowMeta> = add(PENTIMENTO_FLOW_META_API, to: buffer) else {
                return
            }
            meta.pointee.distance = guint(truncatingIfNeeded: random.chance(3) ? random.size() : 1 + random.below(3))
            meta.pointee.frame = random.chance(3) ? guint64.max - guint64(random.below(2)) : guint64(random.below(8))
            meta.pointee.discontinuity = random.chance(4) ? 1 : 0
            (meta.pointee.width, meta.pointee.height) = (guint(truncatingIfNeeded: w), guint(truncatingIfNeeded: h))
            (meta.pointee.backward, meta.pointee.forward) = (payload(2), payload(2))
        case 1:
            guard
                let meta: UnsafeMutablePointer<PentimentoCertaintyMeta> = add(PENTIMENTO_CERTAINTY_META_API, to: buffer)
            else { return }
            meta.pointee.distance = guint(truncatingIfNeeded: random.chance(3) ? random.size() : 1 + random.below(3))
            (meta.pointee.width, meta.pointee.height) = (guint(truncatingIfNeeded: w), guint(truncatingIfNeeded: h))
            (meta.pointee.backward, meta.pointee.forward, meta.pointee.long_term) = (payload(1), payload(1), payload(1))
        case 2:
            guard let meta: UnsafeMutablePointer<PentimentoPriorMeta> = add(PENTIMENTO_PRIOR_META_API, to: buffer)
            else { return }
            (meta.pointee.frame, meta.pointee.owner) = (
                guint64(random.below(5)), random.chance(2) ? 0 : guint64(random.next())
            )
            (meta.pointee.width, meta.pointee.height) = (guint(truncatingIfNeeded: w), guint(truncatingIfNeeded: h))
            (meta.pointee.image, meta.pointee.certainty) = (payload(3), payload(1))
        case 3:
            guard let meta: UnsafeMutablePointer<PentimentoCubeMapMeta> = add(PENTIMENTO_CUBE_MAP_META_API, to: buffer)
            else { return }
            meta.pointee.face_size = guint(truncatingIfNeeded: w)
            meta.pointee.overlap = guint(truncatingIfNeeded: random.size())
        case 4:
            guard let meta: UnsafeMutablePointer<PentimentoMaskMeta> = add(PENTIMENTO_MASK_META_API, to: buffer)
            else { return }
            (meta.pointee.width, meta.pointee.height) = (guint(truncatingIfNeeded: w), guint(truncatingIfNeeded: h))
            meta.pointee.mask = random.chance(3) ? payload(1) : gst_buffer_new_allocate(nil, gsize(max(count, 0)), nil)
        default:
            // Made in Swift: consistent sizes, arbitrary values.
            let field = FlowField(
                width: width, height: height, u: values(width * height, &random), v: values(width * height, &random))
            FlowMeta(distance: 1, frame: UInt64(random.below(4)), flow: FlowPair(backward: field, forward: field))
                .attach(
                    to: buffer)
        }
    }

    private static func values(_ count: Int, _ random: inout FuzzRandom) -> [Float] {
        let odd: [Float] = [.nan, .infinity, 1e30, -1e10]
        return (0..<count).map { _ in random.chance(5) ? odd[random.below(4)] : Float(random.below(30)) - 15 }
    }

    private static func add<Meta>(
        _ api: String, to buffer: UnsafeMutablePointer<GstBuffer>
    ) -> UnsafeMutablePointer<Meta>? {
        guard let information = gst_meta_get_info("\(api)Implementation"),
            let meta = gst_buffer_add_meta(buffer, information, nil)
        else { return nil }
        return UnsafeMutableRawPointer(meta).assumingMemoryBound(to: Meta.self)
    }
}

/// Attaches metas to frames in the middle of a chain.
final class DamageProbe {
    private let random: Monitor<FuzzRandom>
    private let pad: UnsafeMutablePointer<GstPad>
    private var number: gulong = 0

    init?(at name: String, in pipeline: UnsafeMutablePointer<GstElement>, seed: UInt64, isOn: Bool) {
        guard isOn, let element = gst_bin_get_by_name(pipeline.of(GstBin.self), name) else { return nil }
        defer { gst_object_unref(element) }
        guard let pad = gst_element_get_static_pad(element, "src") else { return nil }
        self.pad = pad
        random = Monitor(FuzzRandom(seed: seed))
        number = gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            { _, info, data in
                guard let data, let buffer = info?.pointee.data?.assumingMemoryBound(to: GstBuffer.self),
                    gst_mini_object_is_writable(miniObject(buffer)) != 0
                else { return GST_PAD_PROBE_OK }
                Unmanaged<DamageProbe>.fromOpaque(data).takeUnretainedValue().random.update { random in
                    if random.chance(2) {
                        MetaMaker.attach(
                            to: buffer, width: 1 + random.below(20), height: 1 + random.below(20), &random)
                    }
                }
                return GST_PAD_PROBE_OK
            }, Unmanaged.passRetained(self).toOpaque(),
            { data in if let data { Unmanaged<DamageProbe>.fromOpaque(data).release() } })
    }

    func remove() { gst_pad_remove_probe(pad, number) }

    deinit { gst_object_unref(pad) }
}

extension UnsafeMutablePointer where Pointee == GstElement {
    /// The pointer cast to another GObject type.
    func of<Kind>(_: Kind.Type) -> UnsafeMutablePointer<Kind> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: Kind.self)
    }
}
