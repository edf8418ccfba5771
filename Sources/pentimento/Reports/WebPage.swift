import FoundationEssentials
import MediaIO
import Support

/// A page in one file, made of a template and media.
enum WebPage {
    /// Maximum size of a media file in bytes; browsers keep several copies in memory.
    private static let largestMedia = 512 << 20

    /// A template with its placeholders replaced, each of which occurs once, in this order. Inserted text is not
    /// searched again.
    static func filled(_ template: [UInt8], _ texts: [(mark: String, text: String)]) -> [UInt8] {
        var page: [UInt8] = []
        var rest = template[...]
        for (mark, text) in texts {
            let parts = rest.split(separator: Array(mark.utf8), maxSplits: 1, omittingEmptySubsequences: false)
            page += Array(parts[0]) + Array(text.utf8)
            rest = parts.count == 2 ? parts[1] : []
        }
        return page + rest
    }

    /// An element that holds a file, in base 64.
    ///
    /// - Parameters:
    ///   - type: nil: by the file's extension.
    ///   - data: names and values of the element's `data-` attributes.
    /// - Throws: if the file cannot be read, or browsers do not show its kind.
    static func element(holding path: String, type: String? = nil, data: [(name: String, value: String)]) throws
        -> String
    {
        let type = try type ?? mediaType(of: path)
        let content = Data(try Files.read(path, limit: largestMedia)).base64EncodedString()
        let attributes = data.map { " data-\($0.name)=\"\(escaped($0.value))\"" }.joined()
        return "<script type=\"\(type)\"\(attributes)>\(content)</script>"
    }

    /// The media type of a file.
    static func mediaType(of path: String) throws(MediaError) -> String {
        let types = [
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "mp4": "video/mp4",
            "m4v": "video/mp4", "mov": "video/mp4", "webm": "video/webm",
        ]
        guard let type = types[path.split(separator: ".").last?.lowercased() ?? ""] else {
            throw MediaError("\(path): browsers do not show this kind of file; use .jpg, .png, .mp4 or .webm")
        }
        return type
    }

    /// Text as it stands between tags and in attributes.
    static func escaped(_ text: some StringProtocol) -> String {
        text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"][$0] ?? String($0) }.joined()
    }
}
