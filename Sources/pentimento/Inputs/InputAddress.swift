import CGStreamer
import MediaIO
import Support

/// What an input of the command line names.
enum InputAddress {
    case file(String)
    /// Standard input.
    case standard
    /// An address that a whole file can be fetched from, or a stream without a length.
    case web(String)
    /// The address of a stream.
    case live(String)

    /// - Parameter text: a path, a pattern, `-`, or a URL. What exists as a file is one.
    init(_ text: String) {
        if text == "-" || text == "/dev/stdin" {
            self = .standard
        } else if let scheme = Self.scheme(of: text), !Files.exists(text) {
            switch scheme {
            case "file": self = Self.path(of: text).map { .file($0) } ?? .file(text)
            case "http", "https": self = Self.isPlaylist(text) ? .live(text) : .web(text)
            default: self = .live(text)
            }
        } else {
            self = .file(text)
        }
    }

    /// The last part of the path; empty if there is none.
    var fileName: String {
        let path: Substring
        switch self {
        case .standard: return ""
        case .file(let text): path = text[...]
        case .web(let text), .live(let text):
            path = text.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "?" && $0 != "#" }
            // Without a path, the host.
            guard path.contains("/") else { return "" }
        }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        if case .file = self { return name }
        guard let plain = g_uri_unescape_string(name, "/") else { return name }
        defer { g_free(plain) }
        return String(validatingCString: plain) ?? ""
    }

    /// Whether an address is that of a list of a stream's parts.
    private static func isPlaylist(_ address: String) -> Bool {
        let path = address.prefix { $0 != "?" && $0 != "#" }.lowercased()
        return path.hasSuffix(".m3u8") || path.hasSuffix(".mpd")
    }

    /// `http` of `http://host/`.
    private static func scheme(of text: String) -> String? {
        let name = text.prefix { $0 != ":" }
        guard !name.isEmpty, text.dropFirst(name.count).hasPrefix("://"),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return nil }
        return name.lowercased()
    }

    private static func path(of uri: String) -> String? {
        guard let path = g_filename_from_uri(uri, nil, nil) else { return nil }
        defer { g_free(path) }
        return String(cString: path)
    }
}
