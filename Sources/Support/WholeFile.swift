import Glibc

/// An output file that appears under its name only when it is complete.
///
/// Until ``commit()`` it is an unnamed file (`O_TMPFILE`), so that nothing is left behind however the process ends. On
/// file systems without such files it has a random name in the same folder and is opened exclusively. That name is
/// removed with the last reference, and by ``TemporaryNames/removeAll()`` when a signal ends the process.
public final class WholeFile {
    /// Final path, as it was given.
    public let path: String
    /// Final path, behind symbolic links.
    private let target: String
    /// A path by which this process can open the file before ``commit()``.
    public let temporaryPath: String
    /// Whether the target is a device or a pipe, which is written to directly.
    public let isDevice: Bool
    private let replacing: Bool
    /// Intermediate name, if one is needed.
    private let temporaryName: String
    private var name: TemporaryNames.Entry?
    /// Linux's O_TMPFILE, which Swift does not import because it is a GNU extension.
    static let unnamed = 0o20000000 | O_DIRECTORY
    /// -1: a device, or closed.
    private var descriptor: Int32

    /// Creates the temporary file, so that a missing, full or read-only folder is noticed before a long computation.
    ///
    /// - Parameters:
    ///   - replacing: whether an existing file may be replaced.
    ///   - temporaryName: an unused path in the same folder for the intermediate name; nil: a random one.
    ///   - followsLink: whether a symbolic link is written where it leads; otherwise it is replaced itself.
    /// - Throws: ``FileError``.
    public convenience init(
        _ path: String, replacing: Bool, temporaryName: String? = nil, followsLink: Bool = true
    ) throws(FileError) {
        try self.init(
            path, replacing: replacing, temporaryName: temporaryName, followsLink: followsLink, canBeUnnamed: true)
    }

    /// - Parameter canBeUnnamed: false: behave as on a file system without unnamed files.
    package init(
        _ path: String, replacing: Bool, temporaryName: String?, followsLink: Bool = true, canBeUnnamed: Bool
    ) throws(FileError) {
        self.path = path
        self.replacing = replacing
        var status = stat()
        let exists = stat(path, &status) == 0
        guard !exists || status.st_mode & S_IFMT != S_IFDIR else {
            throw FileError(path: path, reason: "is a folder; name a file")
        }
        isDevice = exists && status.st_mode & S_IFMT != S_IFREG
        let target = isDevice || !followsLink ? path : try Files.linkTarget(of: path)
        self.target = target
        guard exists || replacing || target == path else {
            throw FileError(
                path: path, reason: "is a symbolic link to \(target), which does not exist; --force writes there")
        }
        self.temporaryName = temporaryName ?? Self.randomName(beside: target)
        guard !isDevice else {
            temporaryPath = path
            descriptor = -1
            return
        }
        guard !exists || replacing else { throw FileError(EEXIST, "write", path) }
        descriptor = canBeUnnamed ? open(Files.folder(of: target), O_RDWR | Self.unnamed | O_CLOEXEC, 0o666) : -1
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
            // Not ours: unlinking would remove another process's file.
            name?.forget()
            throw FileError(code, "write", path)
        }
    }

    deinit { discard() }

    /// Discards what was written so far.
    public func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        name?.remove()
    }

    /// Appends bytes.
    /// - Throws: ``FileError``, for example if the disk is full.
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

    /// Flushes the file to disk and gives it its final name. Does nothing for a device.
    /// - Throws: ``FileError``; an existing file is then unchanged.
    public func commit() throws(FileError) {
        guard descriptor >= 0 else { return }
        // Some file systems do not support fsync and return EINVAL.
        if fsync(descriptor) != 0 && errno != EINVAL { throw FileError(errno, "write", path) }
        let code = name == nil ? nameUnnamed() : nameTemporary()
        guard code == 0 else { throw FileError(code, "write", path) }
        close(descriptor)
        descriptor = -1
        syncFolder()
    }

    /// Links an unnamed file to its final name. Returns 0 or an error number.
    private func nameUnnamed() -> Int32 {
        func link(to target: String) -> Int32 {
            linkat(AT_FDCWD, temporaryPath, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
        }
        let code = link(to: target)
        guard code == EEXIST && replacing else { return code }
        // Only rename replaces a file, and it needs a named source.
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
        // link() fails if the name was taken meanwhile; rename() would replace that file.
        if link(temporaryName, target) == 0 {
            name.remove()
            return 0
        }
        // Not every file system supports hard links.
        guard errno != EEXIST, !Files.exists(target) else { return EEXIST }
        return rename(from: name)
    }

    private func rename(from entry: TemporaryNames.Entry) -> Int32 {
        guard Glibc.rename(temporaryName, target) == 0 else {
            let code = errno
            entry.remove()
            return code
        }
        entry.forget()
        return 0
    }

    /// The new name is durable once its folder is synced.
    private func syncFolder() {
        let folder = open(Files.folder(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func randomName(beside path: String) -> String {
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        // Shortened, to stay within the name length limit. Keeps the extension, which consumers may need.
        let ending = path[cut...].lastIndex(of: ".").map { path[$0...].prefix(16) } ?? ""
        return "\(path[..<cut]).pentimento-\(random)\(ending)"
    }
}

extension WholeFile {
    /// Writes `bytes` as the complete file.
    /// - Throws: ``FileError``.
    public static func write(
        _ bytes: [UInt8], to path: String, replacing: Bool, temporaryName: String? = nil, followsLink: Bool = true
    ) throws(FileError) {
        let file = try WholeFile(
            path, replacing: replacing, temporaryName: temporaryName, followsLink: followsLink)
        try file.write(bytes)
        try file.commit()
    }
}
