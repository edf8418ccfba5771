import Glibc
import Style
import TestSupport
import Testing

@Suite struct ModelLibraryTests {
    @Test func namesAreTheFilesWithoutTheirEnding() throws {
        let folder = try TemporaryFolder(files: [
            "wheat.safetensors", "irises.safetensors", "notes.txt", ".safetensors",
        ])
        let library = ModelLibrary(folders: ["/nowhere", folder.path])
        #expect(library.listModels().map(\.name) == ["irises", "wheat"])
        #expect(try library.path(of: "wheat") == folder.path + "/wheat.safetensors")
    }

    @Test func theFirstFolderWins() throws {
        let mine = try TemporaryFolder(files: ["wheat.safetensors"])
        let shipped = try TemporaryFolder(files: ["wheat.safetensors", "irises.safetensors"])
        let library = ModelLibrary(folders: [mine.path, shipped.path])
        #expect(try library.path(of: "wheat").hasPrefix(mine.path))
        #expect(library.listModels().map(\.name) == ["irises", "wheat"])
    }

    @Test func anUnknownNameGetsTheNearestKnownOne() throws {
        let folder = try TemporaryFolder(files: ["scream.safetensors", "wheat.safetensors"])
        let library = ModelLibrary(folders: [folder.path])
        let error = #expect(throws: ModelLookupError.self) { try library.path(of: "Scraem") }
        let text = error?.description ?? ""
        #expect(text.contains("did you mean \"scream\""))
        #expect(text.contains("scream, wheat"))
        let strange = #expect(throws: ModelLookupError.self) { try library.path(of: "xyzzy-12345") }
        #expect(strange?.description.contains("did you mean") == false)
    }

    @Test func withoutAnyModelItSaysWhereItLooked() {
        let error = #expect(throws: ModelLookupError.self) {
            try ModelLibrary(folders: ["/nowhere"]).path(of: "scream")
        }
        #expect(error?.description.contains("/nowhere") == true)
        #expect(error?.description.contains("PENTIMENTO_MODEL_PATH") == true)
    }

    @Test func aPathIsAPath() throws {
        let folder = try TemporaryFolder(files: ["wheat.safetensors"])
        let path = folder.path + "/wheat.safetensors"
        #expect(try ModelLibrary(folders: []).path(of: path) == path)
        #expect(throws: ModelLookupError.noSuchFile(path: "./missing.safetensors")) {
            try ModelLibrary(folders: [folder.path]).path(of: "./missing.safetensors")
        }
    }

    @Test func theStandardFoldersComeFromTheEnvironment() {
        let folders = ModelLibrary.standard.folders
        #expect(folders.contains { $0.hasSuffix("/pentimento/models") })
        #expect(folders.contains { $0.hasSuffix("/pentimento-models") && $0.hasPrefix("/") })
    }
}

/// A folder of files, removed with the object.
final class TemporaryFolder {
    let path: String

    init(files: [String] = []) throws {
        var template = Array("/tmp/pentimento-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw TemporaryFolderError.notMade }
        path = String(cString: made)
        for file in files { write([], to: file) }
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        let file = path + "/" + name
        guard let stream = fopen(file, "wb") else { return file }
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
        return file
    }

    /// Copies a file into the folder under a new name.
    @discardableResult
    func copy(_ source: String, as name: String, keeping length: Int? = nil) -> String {
        var bytes: [UInt8] = []
        if let stream = fopen(source, "rb") {
            var part = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = fread(&part, 1, part.count, stream)
                if count == 0 { break }
                bytes += part[..<count]
            }
            fclose(stream)
        }
        return write(Array(bytes.prefix(length ?? bytes.count)), to: name)
    }

    deinit {
        guard let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink(path + "/" + name) }
        }
        closedir(directory)
        rmdir(path)
    }
}

enum TemporaryFolderError: Error { case notMade }
