import Glibc

/// Rows per task: constant, so that results do not depend on the number of threads.
let rowsPerTask = 16

/// Runs `body` on ranges of rows that cover `0..<height`; the split depends only on the height.
package func parallelRows(_ height: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    guard height > 0 else { return }
    parallel((height + rowsPerTask - 1) / rowsPerTask, threads: threads) { task in
        body(task * rowsPerTask..<min((task + 1) * rowsPerTask, height))
    }
}

/// The rows of each image in a batch with `height` rows in total; images without rows are left out.
package func rows(ofBatch batchSize: Int, height: Int) -> [Range<Int>] {
    (0..<batchSize).map { chunk($0, of: batchSize, in: height) }.filter { !$0.isEmpty }
}

/// Runs `body` on chunks of rows of each image in a batch. `image` is all rows of the image; `rows` is the chunk,
/// relative to the image's first row.
package func parallelRows(
    _ height: Int, batchSize: Int, threads: Int, _ body: (_ image: Range<Int>, _ rows: Range<Int>) -> Void
) {
    let tasks = rows(ofBatch: batchSize, height: height).flatMap { image in
        stride(from: 0, to: image.count, by: rowsPerTask).map { (image, $0..<min($0 + rowsPerTask, image.count)) }
    }
    parallel(tasks.count, threads: threads) { body(tasks[$0].0, tasks[$0].1) }
}

extension Image {
    /// An image whose samples are all written by `initialize`.
    package init(
        width: Int, height: Int, channels: Int = 3, initialize: (UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let count = width * height * channels
        self.init(
            width: width, height: height, channels: channels,
            samples: Array(unsafeUninitializedCapacity: count) { buffer, initialized in
                useLargePages(UnsafeMutableRawBufferPointer(buffer))
                initialize(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            })
    }

    /// An image with this one's size, channels and batch size, whose samples are all written by `initialize`.
    package func withSameShape(initialize: (UnsafeMutableBufferPointer<Float>) -> Void) -> Image {
        var image = Image(width: width, height: height, channels: channels, initialize: initialize)
        image.batchSize = batchSize
        return image
    }
}

extension Plane {
    /// A plane whose values are all written by `initialize`.
    package init(width: Int, height: Int, initialize: (UnsafeMutableBufferPointer<Value>) -> Void) {
        let count = width * height
        self.init(
            width: width, height: height,
            values: Array(unsafeUninitializedCapacity: count) { buffer, initialized in
                useLargePages(UnsafeMutableRawBufferPointer(buffer))
                initialize(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            })
    }
}

/// Requests huge pages for a buffer of several megabytes that is about to be written: an image of six faces would need
/// ten thousand small pages, each with a page fault at the first write.
package func useLargePages(_ memory: UnsafeMutableRawBufferPointer) {
    let size = 2 << 20
    guard memory.count >= 4 * size, let base = memory.baseAddress else { return }
    let first = base.alignedUp(toMultipleOf: size)
    let count = (memory.count - (first - base)) / size * size
    // Only a hint: if there are none, nothing changes.
    _ = madvise(first, count, MADV_HUGEPAGE)
}
