import CGStreamer

/// Maps missing elements and decoders to Debian packages.
enum MissingPlugin {
    /// The error for an installer detail string (`gstreamer|1.0|program|description|decoder-video/x-h264, ...`), with
    /// the package to install, unless that is there.
    static func error(installerDetail: String, input: String) -> MediaError {
        let fields = installerDetail.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        let name = fields.count > 3 ? fields[3] : installerDetail
        let kind = fields.count > 4 ? fields[4] : installerDetail
        let package = package(for: kind)
        if !isInstalled(package) {
            return MediaError("\(input): needs \(name), which is not installed; sudo apt install \(package)")
        }
        let type = kind.drop { $0 != "-" }.dropFirst().prefix { $0 != "," }
        guard ["video/", "image/"].contains(where: type.hasPrefix) else { return .notMedia(input, "it is \(type)") }
        return MediaError(
            "\(input): needs \(name), which no package of GStreamer has; convert it first, such as by ffmpeg -i \(input) "
                + "clip.mkv")
    }

    /// Whether an element of the package is there.
    private static func isInstalled(_ package: String) -> Bool {
        elements.first { $0.package == package }?.names.contains { name in
            guard let factory = gst_element_factory_find(name) else { return false }
            gst_object_unref(UnsafeMutableRawPointer(factory))
            return true
        } ?? false
    }

    /// The package that contains an element; nil if unknown.
    static func package(forElement name: String) -> String? {
        elements.first { $0.names.contains(name) }?.package
    }

    private static func package(for detail: String) -> String {
        // Other formats are decoded by libav.
        media.first { entry in entry.types.contains { detail.contains($0) } }?.package ?? "gstreamer1.0-libav"
    }

    private static let media: [(package: String, types: [String])] = [
        ("gstreamer1.0-plugins-base", ["x-theora", "x-vorbis", "x-opus", "application/ogg", "text/x-raw"]),
        (
            "gstreamer1.0-plugins-good",
            [
                "image/png", "image/jpeg", "x-vp8", "x-vp9", "video/quicktime", "x-matroska", "webm", "x-msvideo",
                "x-flv",
                "x-flac", "x-rtp", "image/x-portable",
            ]
        ),
        (
            "gstreamer1.0-plugins-bad",
            ["video/mpegts", "image/webp", "image/x-exr", "image/svg", "x-av1", "video/x-h265,"]
        ),
        ("gstreamer1.0-plugins-ugly", ["x-asf", "x-dvd"]),
    ]

    private static let elements: [(package: String, names: [String])] = [
        (
            "gstreamer1.0-plugins-base",
            [
                "videoconvert", "videoscale", "videorate", "videotestsrc", "audiotestsrc", "audioconvert",
                "audioresample",
                "decodebin", "parsebin", "compositor", "opusenc", "appsrc", "appsink", "tee", "queue",
            ]
        ),
        ("gstreamer1.0-x", ["ximagesink", "xvimagesink", "textoverlay", "timeoverlay"]),
        (
            "gstreamer1.0-plugins-good",
            [
                "pngenc", "pngdec", "jpegenc", "jpegdec", "mp4mux", "qtmux", "matroskamux", "webmmux", "vp8enc",
                "vp9enc",
                "multifilesrc", "videoflip", "deinterlace", "autovideosink", "v4l2src", "v4l2sink", "udpsrc", "udpsink",
                "rtpjitterbuffer",
                "rtph264pay", "rtph264depay", "rtpvrawpay", "rtpvrawdepay", "aacparse", "ximagesrc", "flvmux",
                "rtspsrc", "autoaudiosrc",
            ]
        ),
        (
            "gstreamer1.0-plugins-bad",
            ["h264parse", "pnmenc", "fakevideosink", "waylandsink", "mpegtsmux", "rtmp2sink", "srtsink"]
        ),
        ("gstreamer1.0-plugins-ugly", ["x264enc"]),
        ("gstreamer1.0-pulseaudio", ["pulsesrc"]),
        ("gstreamer1.0-alsa", ["alsasrc"]),
        ("gstreamer1.0-libav", ["avdec_h264", "avenc_aac"]),
        ("gstreamer1.0-tools", ["gst-launch-1.0", "gst-inspect-1.0"]),
    ]
}

/// The Debian package that contains a GStreamer element; nil if unknown.
public func debianPackage(ofElement name: String) -> String? {
    MissingPlugin.package(forElement: name)
}
