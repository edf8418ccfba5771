#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that could not be read or written: where, why, and what may help.
public struct FileError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "\(path): \(reason)" }
}

/// Whole files as bytes, without Foundation.
public enum Files {
    /// The bytes of a file.
    /// - Throws: ``FileError`` where it cannot be read, is no regular file, or is longer than `limit` bytes.
    public static func read(_ path: String, limit: Int = 1 << 31) throws -> [UInt8] {
        try read(path) { length in
            guard length <= limit else {
                throw FileError(path: path, reason: "is \(length) bytes long, more than the \(limit) expected here")
            }
            return length
        }.bytes
    }

    /// The first bytes of a file, `count` of them if it is that long, and the length of the whole: to check what a
    /// header promises before there is memory for it.
    /// - Throws: ``FileError`` where it cannot be read or is no regular file.
    public static func start(of path: String, count: Int) throws -> (bytes: [UInt8], fileLength: Int) {
        try read(path) { min($0, count) }
    }

    /// Pieces of a file: from each offset on, as many bytes as the memory there is for them.
    /// - Throws: ``FileError`` where the file cannot be read or ends before them.
    package static func read(
        _ path: String, from offsets: [(offset: Int, target: UnsafeMutableRawBufferPointer)]
    ) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(path, "cannot be opened") }
        defer { close(descriptor) }
        for (offset, target) in offsets {
            var count = 0
            while count < target.count {
                let got = pread(
                    descriptor, target.baseAddress.map { $0 + count }, target.count - count, off_t(offset + count))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { throw systemError(path, "cannot be read") }
                if got == 0 { throw FileError(path: path, reason: "ends too early: it is cut short or damaged") }
                count += got
            }
        }
    }

    /// As many bytes as `wanted` says of a file of the length that it is given.
    private static func read(_ path: String, wanted: (Int) throws -> Int) throws -> (bytes: [UInt8], fileLength: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(path, "cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError(path, "cannot be examined") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path: path, reason: "is not a file") }
        let length = try wanted(Int(status.st_size))
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = 0
            while count < length {
                let got = Platform.read(descriptor, buffer.baseAddress.map { $0 + count }, length - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = systemError(path, "cannot be read") }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        return (bytes, Int(status.st_size))
    }

    /// Whether there is a file or folder at `path`.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether there is a folder at `path`.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The length of a file in bytes, and when it was last changed in nanoseconds since 1970; nil where there is none.
    package static func facts(of path: String) -> (length: Int, modified: Int)? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return (Int(status.st_size), Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec))
    }

    /// Makes a folder, and those that it lies in; nothing where it is there.
    /// - Throws: ``FileError`` where it cannot be made.
    package static func makeFolder(_ path: String) throws {
        if isFolder(path) { return }
        if let end = path.lastIndex(of: "/"), end != path.startIndex { try makeFolder(String(path[..<end])) }
        if mkdir(path, 0o777) != 0 && !isFolder(path) { throw systemError(path, "cannot be made") }
    }

    /// Removes a file, if it can be.
    package static func remove(_ path: String) { unlink(path) }

    /// A file counts as changed now, if it is there.
    package static func touch(_ path: String) { utimensat(AT_FDCWD, path, nil, 0) }

    /// The files of a folder and of the folders in it, by their paths within it, in order; hidden ones left out.
    ///
    /// - Parameter depth: how many folders are entered one in the other, which ends circles of links.
    public static func tree(of folder: String, depth: Int = 8) -> [String] {
        names(in: folder).flatMap { name -> [String] in
            guard isFolder("\(folder)/\(name)") else { return [name] }
            return depth > 0 ? tree(of: "\(folder)/\(name)", depth: depth - 1).map { "\(name)/\($0)" } : []
        }
    }

    /// The names of what a folder holds, sorted, hidden ones left out; none where it cannot be read.
    public static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file whole or not at all: under a temporary name beside it, flushed to the disk, then renamed.
    /// - Throws: ``FileError``; what was at `path` before is then still there.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw systemError(path, "cannot be made; is its folder there and writable?") }
        var failure = writeAll(bytes, to: descriptor, path: path)
        if failure == nil && fsync(descriptor) != 0 && errno != EINVAL {
            failure = systemError(path, "cannot be written")
        }
        if close(descriptor) != 0 && failure == nil { failure = systemError(path, "cannot be written") }
        if failure == nil && rename(temporary, path) != 0 { failure = systemError(path, "cannot be put in place") }
        if let failure {
            unlink(temporary)
            throw failure
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) -> FileError? {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let wrote = Platform.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if wrote < 0 && errno == EINTR { continue }
                if wrote <= 0 { return systemError(path, "cannot be written") }
                done += wrote
            }
            return nil
        }
    }

    private static func systemError(_ path: String, _ what: String) -> FileError {
        let code = errno
        let message = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return FileError(path: path, reason: "\(what) (\(message))")
    }
}

/// The system's functions, whose names ``Files`` also uses.
private enum Platform {
    static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer, count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer, count)
        #else
            Darwin.read(descriptor, buffer, count)
        #endif
    }

    static func write(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, buffer, count)
        #elseif canImport(Musl)
            Musl.write(descriptor, buffer, count)
        #else
            Darwin.write(descriptor, buffer, count)
        #endif
    }
}
