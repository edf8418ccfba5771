import Glibc

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
        let (descriptor, _) = try openRegular(path)
        defer { close(descriptor) }
        for (offset, target) in offsets {
            var count = 0
            while count < target.count {
                let got = pread(
                    descriptor, target.baseAddress.map { $0 + count }, target.count - count, off_t(offset + count))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { throw FileError(errno, "read", path) }
                if got == 0 { throw FileError(path: path, reason: "ends too early: it is cut short or damaged") }
                count += got
            }
        }
    }

    /// As many bytes as `wanted` says of a file of the length that it is given.
    private static func read(_ path: String, wanted: (Int) throws -> Int) throws -> (bytes: [UInt8], fileLength: Int) {
        let (descriptor, fileLength) = try openRegular(path)
        defer { close(descriptor) }
        let length = min(try wanted(fileLength), fileLength)
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = 0
            while count < length {
                let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, length - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = FileError(errno, "read", path) }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        return (bytes, fileLength)
    }

    /// Opens a regular file to read from. Anything else is refused without waiting: opening a named pipe that nobody
    /// writes to would block, and a device may have no end.
    private static func openRegular(_ path: String) throws(FileError) -> (descriptor: Int32, length: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw FileError(errno, "read", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw FileError(code, "read", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileError(path: path, reason: "is \(kind(status.st_mode)), not a file")
        }
        return (descriptor, Int(status.st_size))
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
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
        let time = status.st_mtim
        return (Int(status.st_size), Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec))
    }

    /// Makes a folder, and those that it lies in; nothing where it is there.
    /// - Throws: ``FileError`` where it cannot be made.
    package static func makeFolder(_ path: String) throws {
        if isFolder(path) { return }
        if let end = path.lastIndex(of: "/"), end != path.startIndex { try makeFolder(String(path[..<end])) }
        if mkdir(path, 0o777) != 0 && !isFolder(path) { throw FileError(errno, "make", path) }
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

    /// The names of what a folder holds, sorted, hidden ones left out unless asked for; none where it cannot be read.
    public static func names(in folder: String, withHidden: Bool = false) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") || withHidden && name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file whole or not at all, in place of one of that name.
    /// - Throws: ``FileError``; what was at `path` before is then still there.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try WholeFile.write(bytes, to: path, replacing: true)
    }
}
