import Foundation
import Testing

/// Waits for files of a running program, with inotify.
final class FileWatch {
    private let folder: String
    private let changes: Int32
    private let life = Pipe()

    /// - Parameter folder: watched with its present and future subfolders.
    init(_ folder: String) throws {
        self.folder = folder
        changes = inotify_init1(Int32(IN_CLOEXEC))
        try #require(changes >= 0)
    }

    deinit { close(changes) }

    /// A pipe for the program's standard output, whose end shows that the program has ended.
    var output: FileHandle { life.fileHandleForWriting }

    /// Waits until `condition` is true or the program with the pipe ``output`` has ended.
    func wait(until condition: () -> Bool) {
        try? life.fileHandleForWriting.close()
        watch(folder)
        var files = [changes, life.fileHandleForReading.fileDescriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while !condition() {
            guard poll(&files, 2, -1) > 0 else { continue }
            if files[1].revents != 0, read(files[1].fd, &bytes, bytes.count) <= 0 { return }
            if files[0].revents != 0 { _ = read(files[0].fd, &bytes, bytes.count) }
            watch(folder)
        }
    }

    private func watch(_ folder: String) {
        inotify_add_watch(changes, folder, UInt32(IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            var isFolder: ObjCBool = false
            let path = "\(folder)/\(name)"
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { watch(path) }
        }
    }
}
