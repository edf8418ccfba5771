/// Rows that one task takes: a fixed number, so that results do not depend on the number of threads.
let rowsPerTask = 16

/// Runs `body` on ranges of rows that cover `0..<height`, cut by the height alone.
package func parallelRows(_ height: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    guard height > 0 else { return }
    parallel((height + rowsPerTask - 1) / rowsPerTask, threads: threads) { task in
        body(task * rowsPerTask..<min((task + 1) * rowsPerTask, height))
    }
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
                initialize(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            })
    }
}
