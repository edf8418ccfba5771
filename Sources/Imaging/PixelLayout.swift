/// Byte order of a packed pixel.
public struct PixelLayout: Sendable, Hashable {
    /// GStreamer's format name; bytes in the order of the letters, `x` is unused.
    public let name: String
    /// Byte offset of red within a pixel.
    public let red: Int
    /// Byte offset of green within a pixel.
    public let green: Int
    /// Byte offset of blue within a pixel.
    public let blue: Int
    /// Byte offset of alpha; nil for formats without alpha.
    public let alpha: Int?
    /// Bytes per pixel, 3 or 4.
    public let bytesPerPixel: Int

    /// 3 bytes: red, green, blue.
    public static let rgb = PixelLayout("RGB")
    /// 3 bytes: blue, green, red.
    public static let bgr = PixelLayout("BGR")
    /// 4 bytes: red, green, blue, unused.
    public static let rgbx = PixelLayout("RGBx")
    /// 4 bytes: unused, red, green, blue.
    public static let xrgb = PixelLayout("xRGB")
    /// 4 bytes: blue, green, red, unused.
    public static let bgrx = PixelLayout("BGRx")
    /// 4 bytes: unused, blue, green, red.
    public static let xbgr = PixelLayout("xBGR")
    /// 4 bytes: red, green, blue, alpha.
    public static let rgba = PixelLayout("RGBA")
    /// 4 bytes: alpha, red, green, blue.
    public static let argb = PixelLayout("ARGB")
    /// 4 bytes: blue, green, red, alpha.
    public static let bgra = PixelLayout("BGRA")
    /// 4 bytes: alpha, blue, green, red.
    public static let abgr = PixelLayout("ABGR")

    /// The packed RGB family.
    public static let all = [rgb, bgr, rgbx, xrgb, bgrx, xbgr, rgba, argb, bgra, abgr]

    /// The layout for a GStreamer format name such as "RGBx"; nil for unsupported formats.
    public init?(name: String) {
        guard let layout = PixelLayout.all.first(where: { $0.name == name }) else { return nil }
        self = layout
    }

    private init(_ name: String) {
        var offsets: [Character: Int] = [:]
        for (offset, letter) in name.enumerated() { offsets[letter] = offset }
        self.name = name
        red = offsets["R"] ?? 0
        green = offsets["G"] ?? 0
        blue = offsets["B"] ?? 0
        alpha = offsets["A"]
        bytesPerPixel = offsets.count
    }
}
