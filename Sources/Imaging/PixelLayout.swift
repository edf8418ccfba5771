/// Byte order of a packed pixel.
public struct PixelLayout: Sendable, Hashable {
    /// GStreamer's format name; bytes in the order of the letters, `x` is unused.
    public let name: String
    /// Byte offsets within a pixel.
    public let red: Int
    public let green: Int
    public let blue: Int
    /// Byte offset of alpha; nil for formats without alpha.
    public let alpha: Int?
    /// Bytes per pixel, 3 or 4.
    public let bytesPerPixel: Int

    public static let rgb = PixelLayout("RGB")
    public static let bgr = PixelLayout("BGR")
    public static let rgbx = PixelLayout("RGBx")
    public static let xrgb = PixelLayout("xRGB")
    public static let bgrx = PixelLayout("BGRx")
    public static let xbgr = PixelLayout("xBGR")
    public static let rgba = PixelLayout("RGBA")
    public static let argb = PixelLayout("ARGB")
    public static let bgra = PixelLayout("BGRA")
    public static let abgr = PixelLayout("ABGR")

    /// The packed RGB family: all supported frame formats.
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
