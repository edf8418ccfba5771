/// How one frame shows the whole sphere.
///
/// Faces of cube maps are stored in the order of ``CubeFace``, row by row. In the cross, adjacent faces share edges,
/// and unused pixels are black.
public enum SphereLayout: String, CaseIterable, Sendable {
    /// Longitude from left to right, latitude from top to bottom; twice as wide as high.
    case equirectangular
    /// Two rows: right, left, up; down, front, back.
    case threeByTwo = "3x2"
    /// One row.
    case sixByOne = "6x1"
    /// One column.
    case oneBySix = "1x6"
    /// A horizontal cross: up; left, front, right, back; down.
    case cross = "4x3"

    /// Number of faces side by side and above each other; nil for equirectangular.
    var grid: (columns: Int, rows: Int)? {
        switch self {
        case .equirectangular: nil
        case .threeByTwo: (3, 2)
        case .sixByOne: (6, 1)
        case .oneBySix: (1, 6)
        case .cross: (4, 3)
        }
    }

    /// Grid cell of a face.
    func cell(of face: CubeFace) -> (column: Int, row: Int) {
        guard self == .cross else {
            let columns = grid?.columns ?? 1
            return (face.rawValue % columns, face.rawValue / columns)
        }
        return switch face {
        case .up: (1, 0)
        case .left: (0, 1)
        case .front: (1, 1)
        case .right: (2, 1)
        case .back: (3, 1)
        case .down: (1, 2)
        }
    }

    /// Frame size for faces of `faceSize` pixels; an equirectangular frame has the same resolution at the horizon.
    public func size(faceSize: Int) -> (width: Int, height: Int) {
        guard let grid else { return (4 * faceSize, 2 * faceSize) }
        return (grid.columns * faceSize, grid.rows * faceSize)
    }

    /// Face size that keeps the resolution of a frame.
    ///
    /// - Throws: ``SphereError`` if a frame of this size cannot have this layout.
    public func faceSize(width: Int, height: Int) throws(SphereError) -> Int {
        guard fits(width: width, height: height) else {
            throw SphereError(
                "a frame of \(width)x\(height) does not have the layout \(rawValue); \(expected(width: width)) would")
        }
        guard let grid else { return max(2, (width + 2) / 4) }
        return width / grid.columns
    }

    /// Whether a frame of this size can have this layout; for equirectangular with a tolerance of 1 %, since encoders
    /// round sizes.
    public func fits(width: Int, height: Int) -> Bool {
        guard width > 0, height > 0 else { return false }
        guard let grid else { return width >= 4 && abs(width - 2 * height) <= max(1, width / 100) }
        return width % grid.columns == 0 && height % grid.rows == 0 && width / grid.columns == height / grid.rows
            && width / grid.columns >= 2
    }

    /// Detects the layout from a frame's size.
    ///
    /// - Throws: ``SphereError`` if no layout fits.
    public static func detect(width: Int, height: Int) throws(SphereError) -> SphereLayout {
        if let layout = allCases.first(where: { $0.fits(width: width, height: height) }) { return layout }
        let sizes = allCases.map { "\($0.expected(width: width)) (\($0.rawValue))" }.joined(separator: ", ")
        throw SphereError("a frame of \(width)x\(height) is no sphere in a known layout; these would be: \(sizes)")
    }

    /// The largest fitting size that is not wider than `width`, as text.
    private func expected(width: Int) -> String {
        let columns = grid?.columns ?? 2
        let rows = grid?.rows ?? 1
        let unit = max(2, width / columns)
        return "\(unit * columns)x\(unit * rows)"
    }
}
