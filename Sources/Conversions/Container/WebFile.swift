import CAVFormat
import Imaging
import MediaIO

/// Files behind `http://` and `https://` addresses.
public enum WebFile {
    /// Fetches a whole file.
    ///
    /// - Parameter take: called with each part, the number of bytes so far, and the file's length.
    /// - Throws: what `take` throws, or a `MediaError`: if the file cannot be fetched to its end, its server does not
    ///   tell its length, as with live streams, or the calling thread's `Cancellation` is requested.
    public static func fetch(
        _ address: String, take: (_ part: UnsafeRawBufferPointer, _ done: Int, _ length: Int) throws -> Void
    ) throws {
        AV.silence()
        avformat_network_init()
        var stream: UnsafeMutablePointer<AVIOContext>?
        var interrupt = AVIOInterruptCB(callback: { _ in Cancellation.isRequested ? 1 : 0 }, opaque: nil)
        try AV.check(avio_open2(&stream, address, AVIO_FLAG_READ, &interrupt, nil), address)
        defer { avio_closep(&stream) }
        let length = Int(avio_size(stream))
        guard length > 0 else {
            throw MediaError(
                "\(address): its server does not tell its length, as with a live stream; fetch it as a file first, such "
                    + "as by ffmpeg -i \(address) -c copy clip.mkv")
        }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        let bytes = chunk.assumingMemoryBound(to: UInt8.self).baseAddress
        var done = 0
        while done < length {
            let got = Int(avio_read_partial(stream, bytes, Int32(chunk.count)))
            if Cancellation.isRequested { throw MediaError("\(address): interrupted while it was fetched") }
            guard got > 0 else {
                throw MediaError("\(address): the connection ended after \(done) of \(length) bytes")
            }
            done += got
            try take(UnsafeRawBufferPointer(rebasing: chunk[..<got]), done, length)
        }
    }
}
