import CAVFormat
import MediaIO

extension NetworkSource {
    /// Fetches a whole file, of a length that is known.
    ///
    /// - Parameter take: called with each part, and the number of bytes so far.
    /// - Throws: what `take` throws, or a `MediaError`: if the file cannot be fetched to its end, or the source is asked
    ///   to end.
    public func fetch(take: (_ part: UnsafeRawBufferPointer, _ done: Int) throws -> Void) throws {
        let length = length ?? 0
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        let bytes = chunk.assumingMemoryBound(to: UInt8.self).baseAddress
        var done = 0
        while done < length {
            watch.begin(Self.silenceLimit)
            let got = Int(avio_read_partial(connection, bytes, Int32(chunk.count)))
            if watch.cause == .request { throw MediaError("\(address): interrupted while it was fetched") }
            guard got > 0 else {
                throw MediaError("\(address): the connection ended after \(done) of \(length) bytes")
            }
            done += got
            try take(UnsafeRawBufferPointer(rebasing: chunk[..<got]), done)
        }
    }
}
