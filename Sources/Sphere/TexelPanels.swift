import CKernels

/// Layout of a frame's images as texels: one below the other, each padded with what lies beyond its edges on the
/// sphere, so that sampling needs no edge cases.
struct TexelPanels: Sendable {
    /// Padding for cubic sampling.
    static let border = 2

    let panels: SpherePanels
    /// Texels per line.
    let stride: Int
    private var borderTexels: [BorderTexel] = []

    /// A padding texel, interpolated from the four texels that start at `source` within an image.
    private struct BorderTexel: Sendable {
        let target: Int
        let source: Int
        let across: Float
        let down: Float
    }

    /// - Precondition: images are at least 2 x 2.
    init(_ panels: SpherePanels) {
        self.panels = panels
        stride = panels.width + 2 * Self.border
        addBorders()
    }

    var count: Int { panels.origins.count * (panels.height + 2 * Self.border) * stride }

    /// Index of the texel of pixel (x, y), which may lie in the padding.
    func texel(panel: Int, x: Int, y: Int) -> Int {
        (panel * (panels.height + 2 * Self.border) + y + Self.border) * stride + x + Self.border
    }

    func place(panel: Int, x: Double, y: Double) -> sample_position {
        // Fixed point with 16 fractional bits, clamped to half a pixel beyond the edges.
        let across = Int((min(max(x, -0.5), Double(panels.width) - 0.5) * 65536).rounded())
        let down = Int((min(max(y, -0.5), Double(panels.height) - 0.5) * 65536).rounded())
        return sample_position(
            texel: Int32(texel(panel: panel, x: across >> 16, y: down >> 16)),
            across: UInt16(across & 0xFFFF), down: UInt16(down & 0xFFFF))
    }

    /// Fills the padding; all images must be complete.
    func fillBorders<Sample: TexelSample>(of texels: UnsafeMutablePointer<Sample>) {
        for border in borderTexels {
            let source = texels + 4 * border.source
            let target = texels + 4 * border.target
            for channel in 0..<4 {
                let below = source + 4 * stride
                let upper = source[channel].float * (1 - border.across) + source[channel + 4].float * border.across
                let lower = below[channel].float * (1 - border.across) + below[channel + 4].float * border.across
                target[channel] = Sample(rounding: upper * (1 - border.down) + lower * border.down)
            }
        }
    }

    // MARK: -

    private mutating func addBorders() {
        let (width, height, border) = (panels.width, panels.height, Self.border)
        for panel in panels.origins.indices {
            for y in -border..<height + border {
                let isBeside = y >= 0 && y < height
                for x in -border..<width + border {
                    if isBeside && x >= 0 && x < width { continue }
                    borderTexels.append(borderTexel(panel: panel, x: x, y: y))
                }
            }
        }
    }

    private func borderTexel(panel: Int, x: Int, y: Int) -> BorderTexel {
        let (place, left, top) = (beyond(panel: panel, x: x, y: y), panels.width - 2, panels.height - 2)
        let column = min(max(Int(place.x.rounded(.down)), 0), left)
        let row = min(max(Int(place.y.rounded(.down)), 0), top)
        return BorderTexel(
            target: texel(panel: panel, x: x, y: y), source: texel(panel: place.panel, x: column, y: row),
            across: Float(min(max(place.x - Double(column), 0), 1)),
            down: Float(min(max(place.y - Double(row), 0), 1)))
    }

    /// Position within an image of what a padding pixel shows.
    private func beyond(panel: Int, x: Int, y: Int) -> (panel: Int, x: Double, y: Double) {
        guard panels.projection == .equirectangular else {
            return panels.place(of: panels.ray(panel: panel, x: Double(x), y: Double(y)))
        }
        // Wraps around horizontally; beyond a pole it continues on the opposite side.
        let (width, height) = (panels.width, panels.height)
        let isBeyondPole = y < 0 || y >= height
        let column = Double(x) + (isBeyondPole ? Double(width) / 2 : 0)
        let row = y < 0 ? -1 - y : y >= height ? 2 * height - 1 - y : y
        let around = column - (column / Double(width)).rounded(.down) * Double(width)
        return (0, around, Double(min(max(row, 0), height - 1)))
    }
}

/// Sample type of texels.
protocol TexelSample {
    var float: Float { get }
    init(rounding value: Float)
}

extension Float: TexelSample {
    var float: Float { self }
    init(rounding value: Float) { self = value }
}

extension UInt8: TexelSample {
    var float: Float { Float(self) }
    init(rounding value: Float) { self = UInt8(value + 0.5) }
}
