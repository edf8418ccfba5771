import Foundation
import Support
import TestSupport
import Testing

@Suite struct WholeFileTests {
    /// With an unnamed temporary file, and as on file systems without such files.
    @Test(arguments: [true, false]) func appearsWhenItIsWhole(unnamed: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out.mp4")
        let file = try WholeFile(path, replacing: false, temporaryName: nil, canBeUnnamed: unnamed)
        try file.write([1, 2])
        #expect(!Files.exists(path))
        #expect(Files.names(in: folder.path, withHidden: true).count == (unnamed ? 0 : 1))
        try file.write([3])
        // As a pipeline element opens it.
        #expect(FileManager.default.contents(atPath: file.temporaryPath) == Data([1, 2, 3]))
        try file.commit()
        #expect(try Files.read(path) == [1, 2, 3])
        #expect(Files.names(in: folder.path, withHidden: true) == ["out.mp4"])
    }

    @Test(arguments: [true, false]) func isGoneUnlessCommitted(unnamed: Bool) throws {
        let folder = try TemporaryFolder()
        do {
            let file = try WholeFile(folder.path("a"), replacing: true, temporaryName: nil, canBeUnnamed: unnamed)
            try file.write([1])
        }
        let file = try WholeFile(folder.path("b"), replacing: true, temporaryName: nil, canBeUnnamed: unnamed)
        file.discard()
        try file.commit()
        #expect(Files.names(in: folder.path, withHidden: true).isEmpty)
    }

    @Test(arguments: [true, false]) func replacesOnlyWhereItMay(unnamed: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out")
        let late = try WholeFile(path, replacing: false, temporaryName: nil, canBeUnnamed: unnamed)
        let other = try WholeFile(path, replacing: true, temporaryName: nil, canBeUnnamed: unnamed)
        try other.write([1])
        try other.commit()
        // The name was free at the start.
        #expect(throws: FileError.self) { try late.commit() }
        #expect(try Files.read(path) == [1])
        #expect(throws: FileError.self) { try WholeFile(path, replacing: false) }
        let again = try WholeFile(path, replacing: true, temporaryName: nil, canBeUnnamed: unnamed)
        try again.write([2, 2])
        try again.commit()
        late.discard()
        #expect(try Files.read(path) == [2, 2])
        #expect(Files.names(in: folder.path, withHidden: true) == ["out"])
    }

    /// A symbolic link is written where it leads, or is replaced itself.
    @Test(arguments: [true, false]) func linksAreFollowed(unnamed: Bool) throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path("far"), 0o700)
        symlink("far/target", folder.path("link"))
        func write(_ bytes: [UInt8], _ replacing: Bool, follows: Bool) throws {
            let file = try WholeFile(
                folder.path("link"), replacing: replacing, temporaryName: nil, followsLink: follows,
                canBeUnnamed: unnamed)
            try file.write(bytes)
            try file.commit()
        }
        #expect(throws: FileError.self) { try write([1], false, follows: true) }
        try write([2], true, follows: true)
        #expect(try Files.read(folder.path("far/target")) == [2])
        #expect(throws: FileError.self) { try write([3], false, follows: true) }
        try write([4], true, follows: false)
        #expect(try Files.read(folder.path("far/target")) == [2])
        #expect(try Files.read(folder.path("link")) == [4])
        #expect(Files.names(in: folder.path, withHidden: true) == ["far", "link"])
    }

    /// A folder that was made for outputs goes if none came into it.
    @Test func emptyOutputFolders() throws {
        let folder = try TemporaryFolder()
        for (name, isUsed) in [("empty/", false), ("used", true)] {
            let made = try OutputFolder(folder.path(name))
            #expect(Files.isFolder(folder.path(name)))
            if isUsed { try Files.write([1], to: folder.path("used/file")) }
            withExtendedLifetime(made) {}
        }
        try withExtendedLifetime(OutputFolder(folder.path("used"))) {}
        #expect(Files.names(in: folder.path) == ["used"])
        #expect(throws: FileError.self) { try OutputFolder(folder.path("none/below")) }
    }

    /// A link planted at a guessed temporary name is neither followed nor removed.
    @Test func temporaryNamesCannotBeGuessed() throws {
        let folder = try TemporaryFolder()
        try Files.write([7], to: folder.path("victim"))
        for name in [".\(getpid()).partial.out.mp4", "out.mp4.\(getpid()).partial", "out.mp4.part"] {
            symlink(folder.path("victim"), folder.path(name))
        }
        let before = Files.names(in: folder.path, withHidden: true)
        let names = try (0..<20).map { _ in
            let file = try WholeFile(
                folder.path("out.mp4"), replacing: true, temporaryName: nil, canBeUnnamed: false)
            try file.write([1])
            let name = file.temporaryPath
            try file.commit()
            return name
        }
        #expect(Set(names).count == 20)
        #expect(try Files.read(folder.path("victim")) == [7])
        #expect(Files.names(in: folder.path, withHidden: true).sorted() == (before + ["out.mp4"]).sorted())
    }

    @Test func aSignalLeavesNoFiles() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let files = try (0..<100).map {
                try WholeFile(folder.path("\($0)"), replacing: true, temporaryName: nil, canBeUnnamed: false)
            }
            #expect(Files.names(in: folder.path, withHidden: true).count == 100)
            TemporaryNames.prepare()
            TemporaryNames.removeAll()
            // The table has 64 entries, more than are ever in use at once.
            #expect(Files.names(in: folder.path, withHidden: true).count == 36)
            for file in files { file.discard() }
            #expect(Files.names(in: folder.path, withHidden: true).isEmpty)
        }
    }

    @Test func aFolderIsRefusedAndAFullDeviceReported() throws {
        let folder = try TemporaryFolder()
        #expect(throws: FileError.self) { try WholeFile(folder.path, replacing: true) }
        #expect(throws: FileError.self) { try WholeFile(folder.path("none/out"), replacing: true) }
        let full = try WholeFile("/dev/full", replacing: true)
        let error = #expect(throws: FileError.self) { try full.write([1]) }
        #expect(error?.description.contains("free some space") == true)
        try WholeFile.write([1], to: "/dev/null", replacing: false)
    }
}
