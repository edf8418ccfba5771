import Imaging
import MediaIO

/// The pictures in a row; below, for each model, its painting and the stylized pictures.
struct ContactSheet {
    private static let gap = 4

    private let rows: [[Image]]

    init(_ input: ReportInput) throws {
        let pictures = try input.pictures()
        let (width, height) = (input.width, input.height)
        rows =
            [[Image(width: width, height: height, repeating: 255)] + pictures]
            + (try input.styles.map { style in
                let network = try style.network(width: width, height: height)
                return [style.painting.image.pictureSpace().framed(width: width, height: height)]
                    + (try pictures.map { try network.run(frame: $0.networkSpace()).shown })
            })
    }

    func write(to path: String) throws {
        let (width, height) = (rows[0][0].width + Self.gap, rows[0][0].height + Self.gap)
        var sheet = Image(width: rows[0].count * width, height: rows.count * height, repeating: 255)
        for (row, images) in rows.enumerated() {
            for (column, image) in images.enumerated() { sheet.place(image, left: column * width, top: row * height) }
        }
        try sheet.write(to: path, replacing: true)
    }
}

extension Image {
    /// Copies an image into this one.
    ///
    /// - Precondition: it lies within.
    mutating func place(_ image: Image, left: Int, top: Int) {
        for line in 0..<channels * image.height {
            let (channel, y) = line.quotientAndRemainder(dividingBy: image.height)
            let target = (channel * height + top + y) * width + left
            samples.replaceSubrange(
                target..<target + image.width, with: image.samples[line * image.width..<(line + 1) * image.width])
        }
    }

    /// The whole image within a size, on white.
    fileprivate func framed(width: Int, height: Int) -> Image {
        let ratio = min(Double(width) / Double(self.width), Double(height) / Double(self.height))
        let inner = resized(
            width: max(1, Int(Double(self.width) * ratio)), height: max(1, Int(Double(self.height) * ratio)))
        var image = Image(width: width, height: height, repeating: 255)
        image.place(inner, left: (width - inner.width) / 2, top: (height - inner.height) / 2)
        return image
    }
}
