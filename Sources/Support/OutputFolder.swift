import Glibc

/// A folder for outputs, made if it is missing. It is removed with its object if it was made and is still empty, also
/// when a signal ends the process.
public final class OutputFolder {
    /// Nil if the folder was there before.
    private var made: TemporaryNames.Entry?

    /// - Throws: ``FileError`` if it cannot be made.
    public init(_ path: String) throws(FileError) {
        guard !Files.isFolder(path) else { return }
        var name = path[...]
        while name.count > 1, name.last == "/" { name.removeLast() }
        let entry = TemporaryNames.add(String(name))
        guard mkdir(String(name), 0o777) == 0 else {
            let code = errno
            entry.forget()
            throw FileError(code, "make", String(name))
        }
        made = entry
    }

    deinit { made?.remove() }
}
