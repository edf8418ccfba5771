import Glibc

/// Reads and writes whole files as bytes, without Foundation.
public enum Files {
    /// Reads a file.
    /// - Throws: ``FileError`` if it cannot be read, is not a regular file, or is longer than `limit` bytes.
    public static func read(_ path: String, limit: Int = 1 << 31) throws -> [UInt8] {
        try read(path) { length in
            guard length <= limit else {
                throw FileError(path: path, reason: "is \(length) bytes long, more than the \(limit) expected here")
            }
            return length
        }.bytes
    }

    /// Whether two paths lead to one file.
    public static func areSame(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Reads the first `count` bytes of a file, or all if it is shorter, and returns the length of the whole file. Used
    /// to validate a header before memory is allocated for the content.
    /// - Throws: ``FileError`` if it cannot be read or is not a regular file.
    public static func start(of path: String, count: Int) throws -> (bytes: [UInt8], fileLength: Int) {
        try read(path) { min($0, count) }
    }

    /// SHA-256 of a file as 64 lowercase hexadecimal digits, and its length in bytes.
    ///
    /// - Parameter goesOn: asked now and then; false ends the work, and the result is nil.
    /// - Throws: ``FileError`` if it cannot be read or is not a regular file.
    package static func digest(
        of path: String, goesOn: () -> Bool = { true }
    ) throws(FileError) -> (sha256: String, bytes: Int)? {
        let (descriptor, _) = try openRegular(path)
        defer { close(descriptor) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { chunk.deallocate() }
        var (digest, length) = (SHA256(), 0)
        while goesOn() {
            let got = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw FileError(errno, "read", path) }
            guard got > 0 else { return (digest.finish(), length) }
            digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<got]))
            length += got
        }
        return nil
    }

    /// Reads parts of a file: from each offset, as many bytes as the destination has room for.
    /// - Throws: ``FileError`` if the file cannot be read or is too short.
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

    /// Reads as many bytes as `wanted` returns for the file's length.
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

    /// Opens a regular file for reading. Other files are rejected without blocking: opening a named pipe without a
    /// writer would block, and a device may be endless.
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

    /// Whether a file or folder exists at `path`.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether anything has the name `path`, also a symbolic link that leads nowhere.
    public static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The folder of a file, with its slash.
    static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./" }

    /// Where a symbolic link leads, whether or not there is anything; a path that is no link leads to itself.
    /// - Throws: ``FileError`` if links lead to each other.
    static func linkTarget(of path: String) throws(FileError) -> String {
        var target = path
        for _ in 0..<40 {
            var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(target, &bytes, bytes.count)
            guard count > 0 else { return target }
            guard let next = String(validating: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) else {
                throw FileError(path: path, reason: "is a symbolic link to a name that is not UTF-8; rename that file")
            }
            target = next.hasPrefix("/") ? next : target.contains("/") ? folder(of: target) + next : next
        }
        throw FileError(ELOOP, "write", path)
    }

    /// Whether there is a pipe at `path`.
    public static func isPipe(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    /// Whether a folder exists at `path`.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Length in bytes and modification time in nanoseconds since 1970; nil if there is no such file.
    package static func facts(of path: String) -> (length: Int, modified: Int)? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let time = status.st_mtim
        return (Int(status.st_size), Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec))
    }

    /// Whether another process has a file open for writing. False for files on other machines, and of other users.
    package static func isBeingWritten(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return false }
        // With it goes the lease.
        defer { close(descriptor) }
        // Linux's F_SETSIG and F_SETLEASE. A lease for reading is not given while there are writers; one who comes now has a
        // signal be sent, which should be one that does nothing.
        guard fcntl(descriptor, 10, SIGURG) == 0 else { return false }
        return fcntl(descriptor, 1024, F_RDLCK) != 0 && errno == EAGAIN
    }

    /// Creates a folder and its parents, unless it exists.
    /// - Throws: ``FileError`` if it cannot be created.
    package static func makeFolder(_ path: String) throws {
        if isFolder(path) { return }
        if let end = path.lastIndex(of: "/"), end != path.startIndex { try makeFolder(String(path[..<end])) }
        if mkdir(path, 0o777) != 0 && !isFolder(path) { throw FileError(errno, "make", path) }
    }

    /// Removes a file if possible.
    package static func remove(_ path: String) { unlink(path) }

    /// Sets a file's modification time to now, if it exists.
    package static func touch(_ path: String) { utimensat(AT_FDCWD, path, nil, 0) }

    /// Paths of all files in a folder and its subfolders, relative to it and sorted, without hidden ones.
    ///
    /// - Parameter depth: maximum nesting depth, which also ends cycles of links.
    public static func tree(of folder: String, depth: Int = 8) -> [String] {
        names(in: folder).flatMap { name -> [String] in
            guard isFolder("\(folder)/\(name)") else { return [name] }
            return depth > 0 ? tree(of: "\(folder)/\(name)", depth: depth - 1).map { "\(name)/\($0)" } : []
        }
    }

    /// Sorted names of a folder's entries, without hidden ones unless `withHidden`; empty if it cannot be read.
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

    /// Writes a file atomically; replaces an existing one.
    /// - Throws: ``FileError``; an existing file is then unchanged.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try WholeFile.write(bytes, to: path, replacing: true)
    }
}
