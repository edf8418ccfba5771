import MediaIO

/// The elements of a conversion, from an `appsrc` named `source` to a sink named `sink`.
struct ConversionElements {
    let output: MediaOutput
    let path: String
    let settings: Conversion.Settings
    /// Asked-for size of the frames for the filter; nil: the input's.
    let size: (width: Int, height: Int)?
    let outputSize: (width: Int, height: Int)
    /// How frames are turned to be upright, as `videoflip` names it.
    let direction: String
    let alpha: AlphaCoding?

    private static let queue = "queue max-size-buffers=4 max-size-bytes=0 max-size-time=0"
    /// With alpha or without it, and with the chroma of every pixel, also from a JPEG file that has a quarter of it.
    private var packed: String {
        let alpha = settings.keepsAlpha ? ", RGBA, BGRA, ARGB, ABGR" : ""
        return "\(Pipeline.colorConversion) ! video/x-raw,format=(string){ RGB, BGR, RGBx, BGRx\(alpha) }"
    }

    /// In `gst-launch-1.0` syntax.
    ///
    /// - Parameter filter: elements from raw video to raw video.
    func description(filter: String) -> String {
        let upright = Pipeline.uprightFrames(
            deinterlacing: settings.deinterlacing, keepsHDR: settings.keepsHDR, direction: direction)
        var parts = ["appsrc name=source format=time", Self.queue, upright]
        if let size {
            parts.append("videoscale ! video/x-raw,width=\(size.width),height=\(size.height),pixel-aspect-ratio=1/1")
        } else if output.isVideo {
            parts.append(SteadySize.elements)
        }
        if !output.isVideo { parts.append(packed) }
        return (parts + [filter, "\(Self.queue) name=filtered", Pipeline.colorConversion, encoding])
            .joined(separator: " ! ")
    }

    private var encoding: String {
        let image = ImageFormat(path: path)?.encoder(quality: settings.quality) ?? ""
        switch output {
        case .still: return "\(image) ! filesink name=sink"
        case .frames: return "\(image) ! appsink name=sink sync=false max-buffers=4"
        case .video(let container): return encoding(of: container)
        case .plain(let format): return "\(format.caps(isEven: isEven, depth: depth)) ! \(Self.sink("sink"))"
        }
    }

    private var isEven: Bool { outputSize.width % 2 == 0 && outputSize.height % 2 == 0 }

    /// Bits of a value.
    private var depth: Int { settings.keepsHDR ? 10 : settings.bitDepth }

    /// Of frames in the format that other encoders get. FFV1 makes parts smaller by a third, but its decoding takes half as
    /// long as x264's encoding, that of FFVHUFF a twelfth.
    private static let losslessEncoder = "avenc_ffvhuff name=encoder pred=left"

    private static func sink(_ name: String) -> String { "appsink name=\(name) sync=false max-buffers=16" }

    /// The elements between frames that are painted already and a sink.
    var joining: String {
        ["appsrc name=source format=time", "\(Self.queue) name=filtered", Pipeline.colorConversion, encoding]
            .joined(separator: " ! ")
    }

    private func encoding(of container: VideoContainer) -> String {
        if settings.part != nil {
            let caps = PlainFormat.y4m.caps(isEven: isEven, depth: depth)
            return "\(caps) ! \(Self.losslessEncoder) ! \(Self.sink("sink"))"
        }
        let encoder = container.videoEncoder(
            quality: settings.quality, threads: settings.threads, isEven: isEven, depth: depth)
        switch alpha {
        case nil: return "\(encoder) ! \(Self.sink("sink"))"
        case .fourthChannel:
            return "videoconvert ! video/x-raw,format=A444_10LE ! avenc_prores_ks profile=4444 ! \(Self.sink("sink"))"
        case .secondStream:
            return """
                video/x-raw,format=RGBA ! tee name=split \
                split. ! \(Self.queue) ! \(Pipeline.colorConversion) ! \(encoder) ! \(Self.sink("sink")) \
                split. ! \(Self.queue) ! \(Pipeline.alphaPlane) ! \(encoder) ! \(Self.sink("alpha"))
                """
        }
    }
}
