/// What an animation shows, drawn frame by frame.
struct AnimationCanvas {
    /// What happens with the place of a frame before the next one is drawn.
    enum Disposal: Int { case keep, clear, restore }

    /// What is shown.
    private(set) var picture: Picture
    /// What is shown once the place of the last frame is disposed of; nil: as it is.
    private var disposed: Picture?

    /// A transparent canvas.
    init(width: Int, height: Int) {
        picture = Picture(transparentOfWidth: width, height: height)
    }

    /// Draws a frame.
    ///
    /// - Parameter isBlended: whether what is below shows through the frame's alpha. Otherwise it is replaced.
    /// - Precondition: the frame lies within the canvas.
    mutating func draw(_ frame: Picture, x: Int, y: Int, disposal: Disposal, isBlended: Bool) {
        if let disposed { picture = disposed }
        disposed = nil
        let before = picture
        for row in 0..<frame.height {
            for column in 0..<frame.width {
                let source = (row * frame.width + column) * 4
                let target = ((y + row) * picture.width + x + column) * 4
                if isBlended && frame.pixels[source + 3] < 255 {
                    blend(frame.pixels, source, over: target)
                } else {
                    for channel in 0..<4 { picture.pixels[target + channel] = frame.pixels[source + channel] }
                }
            }
        }
        switch disposal {
        case .keep: break
        case .restore: disposed = before
        case .clear:
            var cleared = picture
            for row in y..<y + frame.height {
                let start = (row * picture.width + x) * 4
                for index in start..<start + frame.width * 4 { cleared.pixels[index] = 0 }
            }
            disposed = cleared
        }
    }

    private mutating func blend(_ pixels: [UInt8], _ source: Int, over target: Int) {
        let upper = Int(pixels[source + 3]) * 255
        let lower = Int(picture.pixels[target + 3]) * (255 - Int(pixels[source + 3]))
        guard upper > 0 else { return }
        for channel in 0..<3 {
            let sum = Int(pixels[source + channel]) * upper + Int(picture.pixels[target + channel]) * lower
            picture.pixels[target + channel] = UInt8((sum + (upper + lower) / 2) / (upper + lower))
        }
        picture.pixels[target + 3] = UInt8((upper + lower + 127) / 255)
    }
}
