import Conversions
import Glibc
import Imaging
import MediaIO
import Support

extension MediaInput {
    /// Opens an input of the command line. A pipe or a file of the web cannot be read twice, so it is first copied to its
    /// end, and a stream recorded, into a temporary file without a name.
    ///
    /// - Throws: as ``MediaInput/init(_:keepsGoing:)``, and if a copy cannot be made or a signal ends it.
    static func opened(_ text: String, _ options: ConversionOptions) throws -> MediaInput {
        let keepsGoing = options.keepGoing
        switch InputAddress(text) {
        case .file(let path):
            guard Files.isPipe(path) else { return try MediaInput(path, keepsGoing: keepsGoing) }
            // Without O_NONBLOCK, it would wait for the other end here.
            let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw MediaError(FileError(errno, "read", path).description) }
            defer { close(descriptor) }
            return try MediaInput(path, from: copy(of: descriptor, name: path))
        case .standard:
            if isatty(STDIN_FILENO) != 0 {
                throw MediaError("\(text): standard input is a terminal; send a video or a picture into it")
            }
            return try MediaInput(text, from: copy(of: STDIN_FILENO, name: text))
        case .web(let address), .live(let address): return try MediaInput(text, from: received(address, options))
        }
    }

    /// What comes out of a pipe until its end.
    private static func copy(of descriptor: Int32, name: String) throws -> UnnamedFile {
        let file = try UnnamedFile()
        var bar = CountBar("reading \(name)")
        defer { bar.clear() }
        var count = 0
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            if Interrupt.received != nil { throw MediaError("\(name): interrupted while it was read") }
            // Until there is another end, there are neither data nor an end of them.
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 100) > 0 else { continue }
            let got = read(descriptor, chunk.baseAddress, chunk.count)
            if got < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard got >= 0 else { throw MediaError(FileError(errno, "read", name).description) }
            guard got > 0 else { break }
            try file.write(UnsafeRawBufferPointer(rebasing: chunk[..<got]))
            count += got
            bar.show("\(count >> 20) MB")
        }
        guard count > 0 else { throw MediaError("\(name): is empty") }
        return file
    }

    /// The file of an address, or what its stream gives until its end.
    private static func received(_ address: String, _ options: ConversionOptions) throws -> UnnamedFile {
        let file = try UnnamedFile()
        // A signal ends a recording, and what is recorded is painted.
        Interrupt.listen(patiently: true)
        defer { Interrupt.listen() }
        if NetworkSource.isListening(address) {
            Terminal.write("pentimento: waiting for a sender at \(address); Ctrl-C ends it", to: .error)
        }
        let source = try NetworkSource(address) { Interrupt.received != nil }
        guard case .web = InputAddress(address), let length = source.length else {
            try StreamRecording(source, options).run(into: file)
            return file
        }
        var bar = CountBar("fetching \(address)")
        defer { bar.clear() }
        try source.fetch { bytes, done in
            try file.write(bytes)
            bar.show("\(done >> 20) of \(length >> 20) MB")
        }
        return file
    }
}
