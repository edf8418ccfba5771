import Glibc

/// Rows that one task takes: a fixed number, so that results do not depend on the number of threads.
let rowsPerTask = 16

/// Runs `body` on ranges of rows that cover `0..<height`, cut by the height alone.
package func parallelRows(_ height: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    guard height > 0 else { return }
    parallel((height + rowsPerTask - 1) / rowsPerTask, threads: threads) { task in
        body(task * rowsPerTask..<min((task + 1) * rowsPerTask, height))
    }
}

/// The rows of `parts` pictures that lie one below the other and are `height` high together; those that have none are left out.
package func rows(ofParts parts: Int, in height: Int) -> [Range<Int>] {
    (0..<parts).map { part($0, of: parts, in: height) }.filter { !$0.isEmpty }
}

/// Runs `body` on the rows of `parts` pictures that lie one below the other: with all rows of a picture, and with some of them,
/// counted from its first.
package func parallelRows(
    _ height: Int, parts: Int, threads: Int, _ body: (_ part: Range<Int>, _ rows: Range<Int>) -> Void
) {
    let tasks = rows(ofParts: parts, in: height).flatMap { part in
        stride(from: 0, to: part.count, by: rowsPerTask).map { (part, $0..<min($0 + rowsPerTask, part.count)) }
    }
    parallel(tasks.count, threads: threads) { body(tasks[$0].0, tasks[$0].1) }
}

extension Image {
    /// An image whose samples `initialize` writes, every one of them.
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
}

extension Plane {
    /// A plane whose values `initialize` writes, every one of them.
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

/// Asks the system for large pages where memory of some megabytes is about to be written: a picture of six faces would be ten
/// thousand small ones, each of which the system has to fetch when it is first written.
package func useLargePages(_ memory: UnsafeMutableRawBufferPointer) {
    let size = 2 << 20
    guard memory.count >= 4 * size, let base = memory.baseAddress else { return }
    let first = base.alignedUp(toMultipleOf: size)
    let count = (memory.count - (first - base)) / size * size
    // It is only a wish: where there are none, nothing changes.
    _ = madvise(first, count, MADV_HUGEPAGE)
}
