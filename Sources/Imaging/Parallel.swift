import CKernels

/// Number of processors that this process may use.
public var processorCount: Int { Int(kernel_processor_count()) }

/// Runs `body` for each index in `0..<count` on at most `threads` threads of the process-wide pool (0: one per
/// processor), including the calling thread, and returns when all are done.
///
/// Split work by `count` alone, never by `threads`: then results do not depend on the number of threads.
///
/// If the calling thread's ``Cancellation`` is requested, remaining indices are skipped.
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

/// The results of `body` for each index in `0..<count`, in order, computed like `parallel`.
///
/// - Parameter missing: gives the values that a cancelled loop skipped; nil: `body` is called on the calling thread.
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

/// The half-open range of chunk `index` when `length` is split into `count` chunks of nearly equal size.
public func chunk(_ index: Int, of count: Int, in length: Int) -> Range<Int> {
    index * length / count..<(index + 1) * length / count
}
