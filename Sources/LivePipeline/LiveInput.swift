import CGStreamer
import GStreamerKit
import MediaIO
import Support

/// Where the pictures come from.
package enum LiveInput: Sendable, Equatable {
    /// A device of `/dev`.
    case camera(String)
    /// A film, which is looped.
    case file(String)
    /// An address such as `rtsp://`.
    case stream(String)
    /// The X11 screen.
    case screen
    /// A test pattern.
    case test
    /// Elements that give what a camera may give, in its place.
    case elements(String, name: String)

    /// - Throws: if there is no such camera or file.
    package init(_ text: String) throws(MediaError) {
        switch text {
        case "screen": self = .screen
        case "test": self = .test
        case _ where text.hasPrefix("/dev/video"):
            guard Files.exists(text) else {
                let others = VideoDevice.cameras.map(\.description).joined(separator: ", ")
                throw MediaError("\(text): no such camera; there is \(others.isEmpty ? "none" : others)")
            }
            self = .camera(text)
        case _ where text.contains("://") && !Files.exists(text):
            let scheme = text.prefix { $0 != ":" }.lowercased()
            guard gst_uri_is_valid(text) != 0, gst_uri_protocol_is_supported(GST_URI_SRC, scheme) != 0 else {
                throw MediaError("\(text): no such kind of input; rtsp://, srt:// and rtmp:// are, and files")
            }
            self = .stream(text)
        case _ where text.hasPrefix("screen") && !Files.exists(text):
            throw MediaError("\(text): no such input; screen is the one of DISPLAY, so set that to another one")
        default:
            try MediaInput.checkReadable(text)
            self = .file(text)
        }
    }

    /// The first camera; else a clip that is bundled with the program; else a test pattern.
    package static func standard(clip: String?) -> LiveInput {
        if let camera = VideoDevice.cameras.first { return .camera(camera.path) }
        return clip.map { .file($0) } ?? .test
    }

    /// In messages.
    package var name: String {
        switch self {
        case .camera(let path), .file(let path): path
        case .stream(let address): address
        case .screen: "the screen"
        case .test: "the test pattern"
        case .elements(_, let name): name
        }
    }

    /// Whether it may well begin later than the program.
    package var isAwaited: Bool { if case .stream = self { true } else { false } }

    /// Seconds without a picture that count as an error.
    func patience(hasFlowed: Bool) -> Double? {
        switch self {
        case .stream(let address):
            // Who listens waits as long as it takes.
            hasFlowed ? 5 : address.contains("mode=listener") ? nil : 20
        case .file: hasFlowed ? 5 : 20
        case .camera, .screen, .test, .elements: hasFlowed ? 3 : 10
        }
    }

    /// The elements from the source to frames that can be painted, which an `appsink` named `frames` takes.
    func elements(_ wish: FrameWish) -> String {
        let rate = wish.rate.map { "videorate max-rate=\($0) ! " } ?? ""
        let formats = FrameFormats.all.names.joined(separator: ", ")
        let caps = "video/x-raw, format=(string){ \(formats) }\(wish.sides)"
        let isPaced = if case .file = self { true } else { false }
        return """
            \(source(wish)) ! \(rate)videoconvert ! videoscale ! capsfilter name=format caps="\(caps)" \
            ! appsink name=frames sync=\(isPaced) max-buffers=4 drop=true enable-last-sample=false wait-on-eos=false
            """
    }

    private func source(_ wish: FrameWish) -> String {
        let upright = Pipeline.uprightFrames(deinterlacing: .auto, direction: "auto")
        switch self {
        case .camera: return "v4l2src name=input ! capsfilter caps=\"\(wish.cameraCaps)\" ! decodebin"
        case .elements(let elements, _): return "\(elements) ! decodebin"
        case .file: return "uridecodebin name=input expose-all-streams=false caps=\"video/x-raw(ANY)\" ! \(upright)"
        case .stream(let address) where address.lowercased().hasPrefix("rtsp"):
            return "rtspsrc name=input latency=200 protocols=tcp ! application/x-rtp,media=video ! decodebin"
        case .stream: return "uridecodebin name=input expose-all-streams=false caps=\"video/x-raw(ANY)\""
        case .screen: return "ximagesrc use-damage=false ! video/x-raw,framerate=\(wish.rate ?? 25)/1"
        case .test:
            let (width, height) = (wish.width ?? 640, wish.height ?? 360)
            return """
                videotestsrc is-live=true pattern=smpte horizontal-speed=3 \
                ! video/x-raw,width=\(width),height=\(height),framerate=\(wish.rate ?? 25)/1
                """
        }
    }

    /// Sets what may need quotes.
    ///
    /// - Parameter format: the caps that frames must have; nil: of any size.
    func complete(_ pipeline: Pipeline, format: String?) {
        if let format { pipeline.set("caps", of: "format", to: format) }
        switch self {
        case .camera(let path): pipeline.set("device", of: "input", to: path)
        case .file(let path):
            if let uri = gst_filename_to_uri(path, nil) {
                pipeline.set("uri", of: "input", to: String(cString: uri))
                g_free(uri)
            }
            pipeline.completeUprightFrames()
        case .stream(let address):
            let isRTSP = address.lowercased().hasPrefix("rtsp")
            pipeline.set(isRTSP ? "location" : "uri", of: "input", to: address)
        case .screen, .test, .elements: break
        }
    }
}

/// What frames are asked for.
package struct FrameWish: Sendable, Equatable {
    /// In pixels; nil: as the input or the other side says.
    package var width: Int?
    package var height: Int?
    /// The most frames a second; nil: as the input says.
    package var rate: Int?

    package init(width: Int? = nil, height: Int? = nil, rate: Int? = nil) {
        (self.width, self.height, self.rate) = (width, height, rate)
    }

    /// As caps' fields.
    var sides: String {
        guard width != nil || height != nil else { return "" }
        return (width.map { ", width=\($0)" } ?? "") + (height.map { ", height=\($0)" } ?? "")
            + ", pixel-aspect-ratio=1/1"
    }

    /// What a camera is asked for, the best first: the size at a rate that is fluent, plain or as JPEG; the size at any
    /// rate; anything.
    var cameraCaps: String {
        let size = "width=\(width ?? 1280),height=\(height ?? 720)"
        let fluent = "framerate=[\(min(rate ?? 24, 24))/1,max]"
        let kinds = ["video/x-raw", "image/jpeg"]
        return (kinds.map { "\($0),\(size),\(fluent)" } + kinds.map { "\($0),\(size)" } + kinds).joined(separator: ";")
    }
}
