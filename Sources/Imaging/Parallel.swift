import CKernels

/// The processors this process may run on.
public var processorCount: Int { Int(kernel_processor_count()) }

/// Runs `body` for each index in `0..<count` on at most `threads` threads of the process's one pool (0: one per
/// processor), the caller's among them, and returns when all are done.
///
/// Work must be cut by `count` alone, never by `threads`: then results do not depend on how many threads there are.
public func parallel(_ count: Int, threads: Int = 0, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { escapable in
        var closure: (Int) -> Void = escapable
        withUnsafeMutablePointer(to: &closure) { context in
            kernel_parallel(
                Int32(count), Int32(threads),
                { context, index in
                    guard let context else { return }
                    context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(index))
                }, context)
        }
    }
}

/// The half-open range of part `index` when `length` is cut into `parts` of nearly equal size.
public func part(_ index: Int, of parts: Int, in length: Int) -> Range<Int> {
    index * length / parts..<(index + 1) * length / parts
}
