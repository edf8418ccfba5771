import Foundation
import Support
import TestSupport
import Testing

@Suite struct OwnedFolderTests {
    private func everything(in folder: String) -> [String] {
        (FileManager.default.subpaths(atPath: folder) ?? []).sorted()
    }

    @Test func filesAreReadBackAndTheFolderIsRemoved() throws {
        let parent = try TemporaryFolder()
        let path = parent.path("state")
        let folder = try OwnedFolder(path, unindexed: .takeEmpty)
        try folder.lock()
        try folder.write([1], to: "a")
        try folder.write([2], to: "a")
        try folder.write([3], to: "pass-01/b")
        #expect(try Files.read("\(path)/a") == [2])
        #expect(folder.names == ["a", "pass-01/b"])
        let again = try OwnedFolder(path, unindexed: .takeEmpty)
        #expect(again.names == ["a", "pass-01/b"] && again.contains("a") && !again.contains("c"))
        #expect(throws: FileError.self, "one at a time") { try again.lock() }
        folder.remove("a")
        #expect(again.names == ["pass-01/b"])
        folder.discard()
        #expect(everything(in: parent.path).isEmpty)
    }

    /// Unfinished downloads, hidden files, and files with names like ours.
    @Test func unlistedFilesAreKept() throws {
        let parent = try TemporaryFolder()
        let path = parent.path("state")
        try FileManager.default.createDirectory(atPath: "\(path)/pass-01", withIntermediateDirectories: true)
        let strangers = [
            "film.mp4.part", ".hidden", "frame-000001.safetensors", "pass-01/film.part", "pass-01/frame.unfinished",
            "frame-000002.safetensors.unfinished",
        ]
        for name in strangers { try Files.write([9], to: "\(path)/\(name)") }
        symlink(parent.path("elsewhere"), "\(path)/link")
        try Files.write([8], to: parent.path("elsewhere"))
        #expect(throws: FileError.self) { try OwnedFolder(path, unindexed: .takeEmpty) }

        let folder = try OwnedFolder(path, unindexed: .take)
        try folder.lock()
        try folder.write([1], to: "frame-000003.safetensors")
        for name in [
            "frame-000001.safetensors", "frame-000002.safetensors", "link", "pass-01/frame-000003.safetensors",
        ] {
            #expect(throws: FileError.self, "\(name)") { try folder.write([1], to: name) }
        }
        for name in strangers + ["link"] { folder.remove(name) }
        folder.removeUnfinished()
        folder.discard()
        #expect(everything(in: path) == (strangers + ["link", "pass-01"]).sorted())
        #expect(try strangers.allSatisfy { try Files.read("\(path)/\($0)") == [9] })
        #expect(try Files.read(parent.path("elsewhere")) == [8])
    }

    /// The index cannot name anything outside its folder, or anything but a regular file.
    @Test func aForgedIndexReachesNothingElse() throws {
        let parent = try TemporaryFolder()
        let path = parent.path("state")
        try Files.write([8], to: parent.path("victim"))
        _ = try OwnedFolder(path, unindexed: .takeEmpty)
        try FileManager.default.createDirectory(atPath: parent.path("other"), withIntermediateDirectories: true)
        try Files.write([8], to: parent.path("other/file"))
        symlink(parent.path("other"), "\(path)/pass-01")
        symlink(parent.path("victim"), "\(path)/link")
        let index = "\(path)/\(OwnedFolder.indexName)"
        let lines = [
            "../victim", "\(parent.path)/victim", "pass-01/file", "pass-01/", "./../victim", "a/../../victim", "..",
            "/",
            "link", OwnedFolder.indexName, "",
        ]
        try Files.write(try Files.read(index) + Array((lines.joined(separator: "\n") + "\n").utf8), to: index)
        try OwnedFolder(path, unindexed: .take).discard()
        #expect(try Files.read(parent.path("victim")) == [8] && Files.read(parent.path("other/file")) == [8])
        #expect(everything(in: path) == ["link", "pass-01"])
    }

    /// A link in place of a listed folder leads to files that are not ours.
    @Test func aLinkedFolderIsNotFollowed() throws {
        let parent = try TemporaryFolder()
        let folder = try OwnedFolder(parent.path("state"), unindexed: .takeEmpty)
        try folder.write([1], to: "pass-01/a")
        try FileManager.default.moveItem(atPath: parent.path("state/pass-01"), toPath: parent.path("moved"))
        symlink(parent.path("moved"), parent.path("state/pass-01"))
        #expect(!folder.contains("pass-01/a") && folder.names.isEmpty)
        #expect(throws: FileError.self) { try folder.write([2], to: "pass-01/a") }
        #expect(throws: FileError.self) { try folder.write([2], to: "pass-01/b") }
        folder.remove("pass-01/a")
        folder.discard()
        #expect(try Files.read(parent.path("moved/a")) == [1])
        #expect(everything(in: parent.path("moved")) == ["a"])
    }

    /// A folder that was moved away, and one that has taken its place, stay as they are.
    @Test func aReplacedFolderIsNotTouched() throws {
        let parent = try TemporaryFolder()
        let path = parent.path("state")
        let folder = try OwnedFolder(path, unindexed: .takeEmpty)
        try folder.lock()
        try folder.write([1], to: "a")
        try FileManager.default.moveItem(atPath: path, toPath: parent.path("moved"))
        #expect(throws: FileError.self) { try folder.write([2], to: "a") }
        let other = try OwnedFolder(path, unindexed: .takeEmpty)
        try other.write([3], to: "a")
        #expect(throws: FileError.self) { try folder.write([2], to: "a") }
        folder.discard()
        #expect(try Files.read(parent.path("moved/a")) == [1] && Files.read("\(path)/a") == [3])
    }

    /// A truncated index claims only complete entries and causes no error.
    @Test func aTruncatedIndexClaimsItsCompleteEntries() throws {
        let parent = try TemporaryFolder()
        let path = parent.path("state")
        let index = "\(path)/\(OwnedFolder.indexName)"
        let first = try OwnedFolder(path, unindexed: .takeEmpty)
        try first.write([1], to: "a")
        try first.write([1], to: "b")
        let whole = try Files.read(index)
        for length in 0..<whole.count {
            try Files.write(Array(whole[..<length]), to: index)
            let folder = try OwnedFolder(path, unindexed: .takeEmpty)
            #expect(Set(folder.names).isSubset(of: ["a", "b"]))
            try folder.write([2], to: "c")
            #expect(try OwnedFolder(path, unindexed: .takeEmpty).contains("c"), "after \(length) bytes")
            folder.remove("c")
        }
        try Files.write(Array("something else\n".utf8), to: index)
        #expect(throws: FileError.self) { try OwnedFolder(path, unindexed: .take) }
    }

    @Test func namesCannotLeaveTheFolder() throws {
        let parent = try TemporaryFolder()
        let folder = try OwnedFolder(parent.path("state"), unindexed: .takeEmpty)
        for name in ["", "..", "../x", "/x", "a/b/c", "a//b", "a\nb", ".", OwnedFolder.indexName, "a/", "./a"] {
            #expect(throws: FileError.self, "\(name)") { try folder.write([1], to: name) }
        }
        #expect(everything(in: parent.path) == ["state", "state/\(OwnedFolder.indexName)"])
        try Files.write([1], to: parent.path("file"))
        #expect(throws: FileError.self) { try OwnedFolder(parent.path("file"), unindexed: .take) }
        #expect(throws: FileError.self) { try OwnedFolder(parent.path("none/state"), unindexed: .take) }
    }
}
