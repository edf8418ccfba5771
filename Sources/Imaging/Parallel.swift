import CKernels

/// The processors this process may run on.
public var processorCount: Int { Int(kernel_processor_count()) }

/// Runs `body` for each index in `0..<count` on at most `threads` threads of the process's one pool (0: one per
/// processor), the caller's among them, and returns when all are done.
///
/// Work must be cut by `count` alone, never by `threads`: then results do not depend on how many threads there are.
///
/// Where the calling thread's ``Cancellation`` is requested, indices are left out.
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

/// What `body` gives for each index in `0..<count`, in order; computed as `parallel` does.
///
/// - Parameter missing: gives the values that a cancelled loop has not come to; nil: `body`, on the calling thread.
package func parallelMap<Value>(
    _ count: Int, threads: Int = 0, missing: ((Int) -> Value)? = nil, _ body: (Int) -> Value
) -> [Value] {
    var values = [Value?](repeating: nil, count: count)
    values.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let values = values
        parallel(count, threads: threads) { index in values[index] = body(index) }
    }
    return values.enumerated().map { index, value in
        if let value { return value }
        if let missing { return missing(index) }
        return body(index)
    }
}

/// The half-open range of part `index` when `length` is cut into `parts` of nearly equal size.
public func part(_ index: Int, of parts: Int, in length: Int) -> Range<Int> {
    index * length / parts..<(index + 1) * length / parts
}
