import MediaIO
import Support

/// Where the painting goes.
package enum LiveOutput: Sendable, Equatable {
    case window
    /// A video device that takes pictures, as v4l2loopback makes them.
    case device(String)
    /// `rtmp://`, `srt://`.
    case stream(String)
    /// RTP by UDP.
    case rtp(host: String, port: Int)
    /// A recording.
    case file(String)
    /// Elements in the place of a device.
    case elements(String, name: String)

    /// - Throws: if it is none of these, or there is no such device.
    package init(_ text: String) throws(MediaError) {
        let scheme = text.contains("://") ? text.prefix { $0 != ":" }.lowercased() : ""
        switch (scheme, text) {
        case (_, "window"): self = .window
        case ("", _) where text.hasPrefix("/dev/"):
            guard Files.exists(text) else {
                throw MediaError(
                    "\(text): no such output device; sudo modprobe v4l2loopback makes one, "
                        + "as `pentimento doctor` says")
            }
            self = .device(text)
        case ("rtmp", _), ("rtmps", _), ("srt", _): self = .stream(text)
        case ("rtp", _):
            let parts = text.dropFirst("rtp://".count).split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65535).contains(port) else {
                throw MediaError("\(text): RTP goes to an address with a port, such as rtp://192.168.0.2:5004")
            }
            self = .rtp(host: String(parts[0]), port: port)
        case ("", _) where Self.muxer(of: text) != nil: self = .file(text)
        default:
            throw MediaError(
                "\(text): no such kind of output; take window, /dev/videoN, rtmp://, srt://, rtp://HOST:PORT, or a file "
                    + "that ends in .mkv or .mp4")
        }
    }

    /// In messages.
    package var name: String {
        switch self {
        case .window: "the window"
        case .device(let path), .stream(let path), .file(let path): path
        case .rtp(let host, let port): "rtp://\(host):\(port)"
        case .elements(_, let name): name
        }
    }

    var isFile: Bool { if case .file = self { true } else { false } }

    /// The muxer for a file's ending; nil for another one. What these have written plays, whatever ends them.
    private static func muxer(of path: String) -> String? {
        switch FileName.ending(of: path) {
        case "mkv": "matroskamux name=mux"
        case "mp4": "mp4mux name=mux fragment-duration=1000"
        default: nil
        }
    }

    /// The elements that take frames of a format, to one named `sink`.
    ///
    /// - Parameter sound: nil: without.
    func elements(_ format: PaintedFormat, sound: LiveSound?) -> String {
        switch self {
        case .window: return "videoconvert ! \(Screen.windowElement ?? "ximagesink") name=sink sync=false"
        case .device: return "videoconvert ! video/x-raw,format=YUY2 ! v4l2sink name=sink sync=false"
        case .elements(let elements, _): return elements
        case .rtp:
            return
                "\(format.streamEncoder) ! rtph264pay config-interval=1 pt=96 ! udpsink name=sink sync=false async=false"
        case .stream(let address):
            let isRTMP = address.lowercased().hasPrefix("rtmp")
            let (muxer, sink) =
                isRTMP
                ? ("flvmux name=mux streamable=true", "rtmp2sink name=sink sync=false async=false timeout=5")
                : (
                    "mpegtsmux name=mux alignment=7",
                    "srtsink name=sink sync=false async=false wait-for-connection=false auto-reconnect=false"
                )
            return
                "\(format.streamEncoder) ! \(muxer) ! \(sink)\(sound.map { " \($0.elements(codec: .aac)) ! mux." } ?? "")"
        case .file(let path):
            let muxer = Self.muxer(of: path) ?? "matroskamux name=mux"
            let codec: LiveSound.Codec = muxer.hasPrefix("mp4") ? .aac : .opus
            return "\(format.fileEncoder) ! \(muxer) ! filesink name=sink async=false buffer-mode=unbuffered"
                + (sound.map { " \($0.elements(codec: codec)) ! mux." } ?? "")
        }
    }

    /// Sets what may need quotes.
    func complete(_ pipeline: Pipeline, sound: LiveSound?) {
        switch self {
        case .device(let path): pipeline.set("device", of: "sink", to: path)
        case .stream(let address):
            pipeline.set(address.lowercased().hasPrefix("rtmp") ? "location" : "uri", of: "sink", to: address)
        case .rtp(let host, let port):
            pipeline.set("host", of: "sink", to: host)
            pipeline.set("port", of: "sink", to: "\(port)")
        case .window, .file, .elements: break
        }
        sound?.complete(pipeline)
    }
}

/// The sound of a microphone.
package struct LiveSound: Sendable, Equatable {
    enum Codec: String {
        case aac = "avenc_aac ! aacparse"
        case opus = "opusenc"
    }

    private let device: String

    /// - Parameter device: `default`, `test` for a tone, `hw:1` as ALSA names it, or a name of PulseAudio's.
    package init(_ device: String) { self.device = device }

    private var isALSA: Bool { device.hasPrefix("hw:") || device.hasPrefix("plughw:") }

    func elements(codec: Codec) -> String {
        let source =
            switch device {
            case "default": "autoaudiosrc"
            case "test": "audiotestsrc is-live=true wave=ticks"
            default: "\(isALSA ? "alsasrc" : "pulsesrc") name=microphone"
            }
        return
            "\(source) ! queue ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! \(codec.rawValue)"
    }

    func complete(_ pipeline: Pipeline) { pipeline.set("device", of: "microphone", to: device) }
}

/// What painted frames are, for encoders.
struct PaintedFormat: Sendable, Equatable {
    let width: Int
    let height: Int
    /// Frames a second.
    let rate: Double

    /// Bits of a pixel in a stream.
    private static let bitsPerPixel = 0.1

    private var evenFrames: String {
        // As H.264 wants them.
        let scaled = "videoscale ! video/x-raw,width=\((width + 1) & ~1),height=\((height + 1) & ~1) ! "
        return (width | height) & 1 == 0 ? "videoconvert ! " : "videoconvert ! \(scaled)"
    }

    /// H.264 of little delay, for streams.
    var streamEncoder: String {
        let bits = Double(width * height) * rate * Self.bitsPerPixel
        return evenFrames + "video/x-raw,format=I420 ! x264enc tune=zerolatency speed-preset=superfast "
            + "bitrate=\(max(500, Int(bits / 1000))) key-int-max=\(max(1, Int(2 * rate))) ! h264parse config-interval=1"
    }

    /// H.264 of even quality, for files.
    var fileEncoder: String {
        evenFrames
            + "video/x-raw,format=I420 ! x264enc pass=qual quantizer=20 vbv-buf-capacity=0 speed-preset=superfast "
            + "key-int-max=\(max(1, Int(2 * rate))) ! h264parse"
    }
}
