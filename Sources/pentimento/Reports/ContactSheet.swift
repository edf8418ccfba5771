import Imaging
import MediaIO

/// A frame with 8-bit samples, which needs a quarter of the memory of an `Image`.
struct SmallImage {
    let width: Int
    let height: Int
    private let bytes: [UInt8]

    init(_ image: Image) {
        width = image.width
        height = image.height
        bytes = image.samples.map { UInt8(max(0, min(255, $0.rounded()))) }
    }

    var image: Image { Image(width: width, height: height, samples: bytes.map(Float.init)) }
}

/// Frames in a grid, with labels above.
struct ContactSheet {
    private struct Cell {
        var label: String?
        let frame: SmallImage
    }

    private let rows: [[Cell]]
    private static let gap = 6

    /// A row for each name, with the label above its first frame.
    ///
    /// - Parameter columns: indices of the frames to show, from 0.
    init(rows: [(name: String, frames: [SmallImage])], columns: [Int]) {
        self.rows = rows.map { row in
            columns.filter(row.frames.indices.contains).enumerated().map { column, number in
                Cell(label: column == 0 ? row.name : nil, frame: row.frames[number])
            }
        }
    }

    /// Frames with a label each, in rows of so many.
    init(_ frames: [(name: String, frame: SmallImage)], columns: Int) {
        rows = stride(from: 0, to: frames.count, by: columns).map { first in
            frames[first..<min(first + columns, frames.count)].map { Cell(label: $0.name, frame: $0.frame) }
        }
    }

    /// Draws the sheet. Every frame has the size of the first, scaled to a width of at most 480 pixels.
    func drawn() throws -> Image {
        guard let first = rows.first?.first?.frame else { throw MediaError("there are no frames to draw") }
        let width = min(480, first.width)
        let height = max(1, first.height * width / first.width)
        let labels = try rows.map { try $0.map { try $0.label.map { try Label($0, width: width).image } } }
        let labelHeight = labels.joined().compactMap { $0?.height }.max() ?? 0
        let columns = rows.map(\.count).max() ?? 0
        let (across, down) = (width + Self.gap, labelHeight + height + Self.gap)
        var sheet = Image(
            width: Self.gap + columns * across, height: Self.gap + rows.count * down, repeating: 255)
        for (row, cells) in rows.enumerated() {
            let top = Self.gap + row * down
            for (column, cell) in cells.enumerated() {
                let left = Self.gap + column * across
                if let label = labels[row][column] { sheet.place(label, x: left, y: top) }
                sheet.place(cell.frame.image.resized(width: width, height: height), x: left, y: top + labelHeight)
            }
        }
        return sheet
    }
}

extension Image {
    /// Copies `image` into this one at a position, clipped to its size.
    fileprivate mutating func place(_ image: Image, x left: Int, y top: Int) {
        for channel in 0..<min(channels, image.channels) {
            for y in 0..<min(image.height, height - top) {
                for x in 0..<min(image.width, width - left) {
                    samples[(channel * height + top + y) * width + left + x] =
                        image.samples[(channel * image.height + y) * image.width + x]
                }
            }
        }
    }
}

/// A line of text, black on white, drawn by GStreamer's `textoverlay`.
private struct Label {
    let image: Image

    init(_ text: String, width: Int) throws {
        image = try Image(text: text, width: max(160, width), height: 24)
    }
}
