/// Pictures of one size, one below the other in one tensor, so that a convolution computes them all at once.
///
/// Between two of them lie rows that are computed and never read: the next convolution's table of rows has zeros there, as it has
/// around a picture alone. Pooling halves all of it: a picture begins at an even row as long as it is pooled, and a row lies between two
/// even at the deepest block.
struct PictureStack {
    let count: Int
    let width: Int
    /// Of each picture.
    let height: Int
    /// The rows from the beginning of one picture to that of the next.
    let pitch: Int

    /// - Parameter blocks: of the loss network, as deep as it is computed.
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

    /// Of all pictures and what lies between them.
    var totalHeight: Int { (count - 1) * pitch + height }

    /// As the block `block`, counted from 1, has it.
    func inBlock(_ block: Int) -> PictureStack {
        let halvings = block - 1
        return PictureStack(
            count: count, width: width >> halvings, height: height >> halvings, pitch: pitch >> halvings)
    }

    /// After pooling.
    var pooled: PictureStack { inBlock(2) }

    /// The first pixel of a picture in a plane.
    func firstPixel(of picture: Int) -> Int { picture * pitch * width }

    /// The stack's rows, zeros where there is no picture and a row of zeros at each end.
    ///
    /// - Parameter rows: of each picture, from its first on; zeros stand for the others too.
    func table(ofFirst rows: Int) -> IndexMap {
        [-1] + (0..<totalHeight).map { $0 % pitch < rows ? Int32($0) : -1 } + [-1]
    }
}
