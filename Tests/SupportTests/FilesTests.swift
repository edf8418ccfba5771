import Foundation
import Support
import TestSupport
import Testing

@Suite struct FilesTests {
    /// The pipe has no writer, so a blocking open would hang.
    @Test func onlyRegularFilesAreRead() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let error = #expect(throws: FileError.self) { try Files.read(pipe) }
        #expect(error?.description == "\(pipe): is a named pipe, not a file")
        #expect(throws: FileError.self) { try Files.start(of: pipe, count: 8) }
        #expect(throws: FileError.self) { try Files.read("/dev/zero") }
        #expect(throws: FileError.self) { try Files.read(folder.path) }
        symlink(pipe, folder.path("link"))
        #expect(throws: FileError.self) { try Files.read(folder.path("link")) }
        let missing = #expect(throws: FileError.self) { try Files.read(folder.path("missing")) }
        #expect(missing?.description == "\(folder.path("missing")): cannot read: No such file or directory")
    }

    @Test func aTreeOfLinksEnds() throws {
        let folder = try TemporaryFolder()
        symlink(folder.path, folder.path("again"))
        try Files.write([1], to: folder.path("file"))
        #expect(Files.tree(of: folder.path).contains("file"))
    }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (1 << 10, "1.0 KB"), (600_000, "586 KB"), (19_864_223_744, "18.5 GB"),
        (100 << 20, "100 MB"), (.max, "8589934592 GB"),
    ]) func byteCountsReadWell(bytes: Int, text: String) {
        #expect(byteText(bytes) == text)
    }
}
