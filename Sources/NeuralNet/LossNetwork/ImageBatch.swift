/// The geometry of a batch of stacked images: images of one size, one below the other in one tensor.
///
/// The rows between two images are computed but never read: the next convolution's row table has zeros there, as in the
/// padding of a single image. Pooling halves the whole stack. The pitch is chosen so that images start at an even row
/// before each pooling, and at least one row separates them in the deepest block.
struct ImageBatch {
    let count: Int
    let width: Int
    /// Height of one image.
    let height: Int
    /// The number of rows from one image's first row to the next one's.
    let pitch: Int

    /// - Parameter blocks: the number of blocks of the loss network that are computed.
    init(count: Int, width: Int, height: Int, blocks: Int) {
        let halvings = max(0, blocks - 1)
        self.init(count: count, width: width, height: height, pitch: ((height >> halvings) + 1) << halvings)
    }

    private init(count: Int, width: Int, height: Int, pitch: Int) {
        self.count = count
        self.width = width
        self.height = height
        self.pitch = pitch
    }

    /// The height of the stack, including the rows between the images.
    var totalHeight: Int { (count - 1) * pitch + height }

    /// The geometry in block `block`, counted from 1.
    func inBlock(_ block: Int) -> ImageBatch {
        let halvings = block - 1
        return ImageBatch(
            count: count, width: width >> halvings, height: height >> halvings, pitch: pitch >> halvings)
    }

    /// The geometry after 2x2 pooling.
    var pooled: ImageBatch { inBlock(2) }

    /// The index in a plane of an image's first pixel.
    func firstPixel(of index: Int) -> Int { index * pitch * width }

    /// The row table of a convolution: the stack's rows, with zeros between the images and at both ends.
    ///
    /// - Parameter rows: the rows used of each image, from its first on; the others are zeros too.
    func table(ofFirst rows: Int) -> IndexMap {
        [-1] + (0..<totalHeight).map { $0 % pitch < rows ? Int32($0) : -1 } + [-1]
    }
}
