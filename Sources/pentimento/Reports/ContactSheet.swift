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

/// Frames in a grid, each row with a label.
struct ContactSheet {
    let rows: [(name: String, frames: [SmallImage])]
    /// Indices of the frames to show, from 0.
    let columns: [Int]

    /// Draws the sheet. Every frame has the size of the first, scaled to a width of at most 480 pixels.
    func drawn() throws -> Image {
        guard let first = rows.first?.frames.first else { throw MediaError("there are no frames to draw") }
        let width = min(480, first.width)
        let height = max(1, first.height * width / first.width)
        let gap = 6
        let labels = try rows.map { try Label($0.name, width: width) }
        let labelHeight = labels.map(\.image.height).max() ?? 0
        var sheet = Image(
            width: gap + columns.count * (width + gap), height: gap + rows.count * (labelHeight + height + gap),
            repeating: 255)
        for (row, entry) in rows.enumerated() {
            let top = gap + row * (labelHeight + height + gap)
            sheet.place(labels[row].image, x: gap, y: top)
            for (column, number) in columns.enumerated() where entry.frames.indices.contains(number) {
                let frame = entry.frames[number].image.resized(width: width, height: height)
                sheet.place(frame, x: gap + column * (width + gap), y: top + labelHeight)
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
