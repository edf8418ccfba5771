import Support

/// Formats of pictures that are known by their first bytes, or by their ending.
enum PictureKind: String, CaseIterable {
    case png = "PNG"
    case jpeg = "JPEG"
    case webp = "WebP"
    case gif = "GIF"
    case tiff = "TIFF"
    case bmp = "BMP"
    case pnm = "PNM"
    case tga = "TGA"
    case avif = "AVIF"
    case heic = "HEIC"
    case jpegXL = "JPEG XL"
    case jpeg2000 = "JPEG 2000"

    /// The format of a file; nil if it is another one, or no picture.
    init?(of path: String) {
        guard let start = try? Files.start(of: path, count: 64).bytes, let kind = Self(start: start, path: path) else {
            return nil
        }
        self = kind
    }

    private init?(start: [UInt8], path: String) {
        func has(_ bytes: [UInt8], at offset: Int = 0) -> Bool { start.dropFirst(offset).starts(with: bytes) }
        func has(_ text: String, at offset: Int = 0) -> Bool { has(Array(text.utf8), at: offset) }
        if has(PNGMetadata.signature) {
            self = .png
        } else if has([0xFF, 0xD8, 0xFF]) && !has([0xF7], at: 3) {
            // With 0xF7 it is JPEG-LS, another format.
            self = .jpeg
        } else if has("RIFF") && has("WEBP", at: 8) {
            self = .webp
        } else if has("GIF8") {
            self = .gif
        } else if ["II*\0", "MM\0*", "II+\0", "MM\0+"].contains(where: { has($0) }) {
            self = .tiff
        } else if has("BM") && has([0, 0, 0, 0], at: 6) {
            self = .bmp
        } else if start.first == UInt8(ascii: "P"), start.count > 2, (0x31...0x36).contains(start[1]),
            [9, 10, 13, 32, 35].contains(start[2])
        {
            self = .pnm
        } else if has("ftyp", at: 4), let kind = Self(brands: start) {
            self = kind
        } else if has([0xFF, 0x0A]) || has([0, 0, 0, 12] + Array("JXL ".utf8)) {
            self = .jpegXL
        } else if has([0, 0, 0, 12] + Array("jP  ".utf8)) || has([0xFF, 0x4F, 0xFF, 0x51]) {
            self = .jpeg2000
        } else if Self.tga.endings.contains(FileName.ending(of: path)) {
            // Without a signature.
            self = .tga
        } else {
            return nil
        }
    }

    /// A file of ISO's container, by its major brand and, if that is common to all pictures, by those behind it.
    private init?(brands start: [UInt8]) {
        let length = min(start.count, Int(start.bigEndian(at: 0, count: 4) ?? 0))
        let brands = stride(from: 8, to: max(8, length - 3), by: 4).filter { $0 != 12 }.map {
            String(decoding: start[$0..<$0 + 4], as: UTF8.self)
        }
        guard let major = brands.first else { return nil }
        let named = ["mif1", "miaf"].contains(major) ? brands : [major]
        if named.contains("avif") {
            self = .avif
        } else if named.contains(where: ["heic", "heix", "heim", "heis", "mif1"].contains) {
            self = .heic
        } else {
            return nil
        }
    }

    /// Endings of file names, in lower case.
    var endings: [String] {
        switch self {
        case .png: ["png", "apng"]
        case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
        case .webp: ["webp"]
        case .gif: ["gif"]
        case .tiff: ["tif", "tiff"]
        case .bmp: ["bmp", "dib"]
        case .pnm: ["ppm", "pgm", "pbm", "pnm"]
        case .tga: ["tga", "icb", "vda", "vst"]
        case .avif: ["avif"]
        case .heic: ["heic", "heif", "hif"]
        case .jpegXL: ["jxl"]
        case .jpeg2000: ["jp2", "j2k", "j2c", "jpf", "jpx"]
        }
    }

    /// What to install if no decoder reads the format; nil: nothing is missing then.
    var remedy: String? {
        switch self {
        case .avif: "sudo apt install libavif-gdk-pixbuf"
        case .heic: "sudo apt install heif-gdk-pixbuf"
        case .jpegXL:
            "sudo apt install libjxl-gdk-pixbuf (from Debian 13 on), or sudo apt install libjxl-tools and djxl FILE picture.png"
        case .jpeg2000: "sudo apt install gstreamer1.0-plugins-bad"
        default: nil
        }
    }

    /// The error for a file that no installed decoder reads; nil if that is not the cause.
    func missingDecoder(_ path: String) -> MediaError? {
        guard PixbufDecoder.loaderEndings.isDisjoint(with: endings) else { return nil }
        return remedy.map { MediaError("\(path): is in the format \(rawValue), which nothing here decodes; \($0)") }
    }
}

/// Endings of the names of pictures.
public enum PictureEndings {
    /// In lower case.
    public static let all: Set<String> = Set(PictureKind.allCases.flatMap(\.endings)).union([
        "cin", "cur", "dds", "dpx", "exr", "hdr", "ico", "jls", "pam", "pcx", "pfm", "phm", "psd", "qoi", "ras", "sgi",
        "sun", "svg", "svgz", "xbm", "xpm", "xwd",
    ])
}
