import Imaging

extension Image {
    /// Six stacked faces as a grid of 3 x 2: a loss sees them as one picture.
    ///
    /// - Parameter size: of a face in the grid, in pixels.
    package func faceSheet(size: Int) -> Image {
        let small = resized(width: size, height: 6 * size)
        var sheet = Image(width: 3 * size, height: 2 * size, channels: channels)
        for row in 0..<channels * 6 * size {
            let (channel, y) = row.quotientAndRemainder(dividingBy: 6 * size)
            let (face, line) = y.quotientAndRemainder(dividingBy: size)
            let target = ((channel * 2 + face / 3) * size + line) * 3 * size + face % 3 * size
            sheet.samples.replaceSubrange(target..<target + size, with: small.samples[row * size..<(row + 1) * size])
        }
        return sheet
    }
}
