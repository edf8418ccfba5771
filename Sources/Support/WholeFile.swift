import Glibc

/// An output that appears under its name only when it is whole.
///
/// Until ``commit()`` it is a file without a name (`O_TMPFILE`), so that nothing is left however the process ends. Where the
/// file system has no such files, it has a random name in the same folder, opened exclusively; that name is removed when the
/// last reference goes, and by ``TemporaryNames/removeAll()`` when a signal ends the process.
public final class WholeFile {
    /// Where it is to appear.
    public let path: String
    /// A path by which the file can be opened until then, in this process.
    public let temporaryPath: String
    /// Whether it is a device or a pipe, which is written to as it is.
    public let isDevice: Bool
    private let replacing: Bool
    /// The name that it takes on its way to `path`, if it needs one.
    private let temporaryName: String
    private var name: TemporaryNames.Entry?
    /// Linux's O_TMPFILE, which Swift does not import: the C library has it only among its extensions.
    private static let unnamed = 0o20000000 | O_DIRECTORY
    /// -1: a device, or no longer open.
    private var descriptor: Int32

    /// Makes the temporary file, so that a folder that is missing, full or not writable is noticed before long work.
    ///
    /// - Parameters:
    ///   - replacing: whether a file of that name may be replaced.
    ///   - temporaryName: a path in the same folder where nothing is, for a name in between; nil: a random one.
    /// - Throws: ``FileError``.
    public convenience init(_ path: String, replacing: Bool, temporaryName: String? = nil) throws(FileError) {
        try self.init(path, replacing: replacing, temporaryName: temporaryName, canBeUnnamed: true)
    }

    /// - Parameter canBeUnnamed: false: as on a file system that has no files without a name.
    package init(_ path: String, replacing: Bool, temporaryName: String?, canBeUnnamed: Bool) throws(FileError) {
        self.path = path
        self.replacing = replacing
        var status = stat()
        let exists = stat(path, &status) == 0
        guard !exists || status.st_mode & S_IFMT != S_IFDIR else {
            throw FileError(path: path, reason: "is a folder; name a file")
        }
        isDevice = exists && status.st_mode & S_IFMT != S_IFREG
        self.temporaryName = temporaryName ?? Self.randomName(beside: path)
        guard !isDevice else {
            temporaryPath = path
            descriptor = -1
            return
        }
        guard !exists || replacing else { throw FileError(EEXIST, "write", path) }
        descriptor = canBeUnnamed ? open(Self.folder(of: path), O_RDWR | Self.unnamed | O_CLOEXEC, 0o666) : -1
        let link = "/proc/self/fd/\(descriptor)"
        if descriptor >= 0 && Files.exists(link) {
            temporaryPath = link
            return
        }
        if descriptor >= 0 { close(descriptor) }
        temporaryPath = self.temporaryName
        name = TemporaryNames.add(temporaryPath)
        descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            let code = errno
            // It is not ours: an unlink would remove what another has made.
            name?.forget()
            throw FileError(code, "write", path)
        }
    }

    deinit { discard() }

    /// Removes what has been written so far.
    public func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        name?.remove()
    }

    /// Adds bytes at the end of what was written by this method.
    /// - Throws: ``FileError``; where the disk is full, for example.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        let target = isDevice ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : descriptor
        guard target >= 0 else { throw FileError(errno, "write", path) }
        defer { if isDevice { close(target) } }
        let failure: Int32? = bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(target, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return count == 0 ? ENOSPC : errno }
                done += count
            }
            return nil
        }
        if let failure { throw FileError(failure, "write", path) }
    }

    /// Waits until the bytes are on disk and gives the file its name. Nothing for a device.
    /// - Throws: ``FileError``; what was at `path` before is then still there.
    public func commit() throws(FileError) {
        guard descriptor >= 0 else { return }
        // Some file systems cannot flush, and say so by EINVAL.
        if fsync(descriptor) != 0 && errno != EINVAL { throw FileError(errno, "write", path) }
        let code = name == nil ? nameUnnamed() : nameTemporary()
        guard code == 0 else { throw FileError(code, "write", path) }
        close(descriptor)
        descriptor = -1
        syncFolder()
    }

    /// Gives a file without a name its name. 0 or an error number.
    private func nameUnnamed() -> Int32 {
        func link(to target: String) -> Int32 {
            linkat(AT_FDCWD, temporaryPath, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
        }
        let code = link(to: path)
        guard code == EEXIST && replacing else { return code }
        // Only a rename replaces, and it needs a name to begin with.
        let between = TemporaryNames.add(temporaryName)
        let linked = link(to: temporaryName)
        guard linked == 0 else {
            between.forget()
            return linked
        }
        return rename(from: between)
    }

    private func nameTemporary() -> Int32 {
        guard let name else { return EINVAL }
        guard !replacing else { return rename(from: name) }
        // A link fails where the name has been taken in the meantime; a rename would replace that file.
        if link(temporaryName, path) == 0 {
            name.remove()
            return 0
        }
        // Not every file system has links.
        guard errno != EEXIST, !Files.exists(path) else { return EEXIST }
        return rename(from: name)
    }

    private func rename(from entry: TemporaryNames.Entry) -> Int32 {
        guard Glibc.rename(temporaryName, path) == 0 else {
            let code = errno
            entry.remove()
            return code
        }
        entry.forget()
        return 0
    }

    /// The new name is durable once its folder is.
    private func syncFolder() {
        let folder = open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "." }

    private static func randomName(beside path: String) -> String {
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        // Short, so that a long file name does not become too long. The ending stays, for whoever looks at it.
        let ending = path[cut...].lastIndex(of: ".").map { path[$0...].prefix(16) } ?? ""
        return "\(path[..<cut]).pentimento-\(random)\(ending)"
    }
}

extension WholeFile {
    /// Writes `bytes` as the whole file.
    /// - Throws: ``FileError``.
    public static func write(
        _ bytes: [UInt8], to path: String, replacing: Bool, temporaryName: String? = nil
    ) throws(FileError) {
        let file = try WholeFile(path, replacing: replacing, temporaryName: temporaryName)
        try file.write(bytes)
        try file.commit()
    }
}
