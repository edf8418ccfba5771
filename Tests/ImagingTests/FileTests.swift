import Foundation
import Imaging
import Support
import TestSupport
import Testing

/// A temporary folder, removed after the test.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

@Suite struct FileTests {
    @Test func writtenImagesAreReadBack() throws {
        let folder = try Folder()
        for channels in [1, 3] {
            let samples = (0..<7 * 5 * channels).map { Float($0 * 2) }
            let image = Image(width: 7, height: 5, channels: channels, samples: samples)
            try image.writePNM(to: "\(folder.path)/picture")
            #expect(try Image(contentsOfPNM: "\(folder.path)/picture") == image)
        }
        let plane = Plane<UInt8>(width: 3, height: 2, values: [0, 1, 127, 128, 254, 255])
        try plane.writePGM(to: "\(folder.path)/plane.pgm")
        #expect(try Plane<UInt8>(contentsOfPGM: "\(folder.path)/plane.pgm") == plane)
        #expect(Set(folder.files) == ["picture", "plane.pgm"])
    }

    @Test func commentsAndOtherMaximaAreRead() throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.pgm"
        try Files.write(Array("P5 # made by hand\n# 9 9\n 2\t1 #x\n15\n".utf8) + [0, 15], to: path)
        #expect(try Image(contentsOfPNM: path).samples == [0, 255])
    }

    /// Every truncation of a small image, and headers with impossible sizes.
    @Test func damagedImagesAreRefused() throws {
        let folder = try Folder()
        let path = "\(folder.path)/picture.ppm"
        try Image(width: 3, height: 2, repeating: 9).writePNM(to: path)
        let whole = try Files.read(path)
        for length in 0..<whole.count {
            #expect(FileManager.default.createFile(atPath: path, contents: Data(Array(whole[..<length]))))
            #expect(throws: FileError.self) { try Image(contentsOfPNM: path) }
        }
        for header in [
            "P6\n0 5\n255\n", "P6\n-3 5\n255\n", "P6\n999999999 999999999\n255\n", "P6\n99999999999 1\n255\n",
            "P6\n3 2\n65535\n", "P6\n3 2\n0\n", "P3\n3 2\n255\n", "GIF89a", "P6\n3\n", "P6",
        ] {
            #expect(
                FileManager.default.createFile(
                    atPath: path, contents: Data(Array(header.utf8) + [UInt8](repeating: 0, count: 18))))
            #expect(throws: FileError.self, "\(header)") { try Image(contentsOfPNM: path) }
        }
        #expect(throws: FileError.self) { try Plane<UInt8>(contentsOfPGM: path) }
    }

    @Test func errorsNameTheFileAndTheCause() throws {
        let folder = try Folder()
        let missing = #expect(throws: FileError.self) { try Files.read("\(folder.path)/missing") }
        #expect(missing?.description.contains("\(folder.path)/missing") == true)
        #expect(missing?.description.contains("No such file") == true)
        #expect(throws: FileError.self) { try Files.read(folder.path) }
        #expect(throws: FileError.self) { try Files.write([1], to: "\(folder.path)/no/such/folder") }
        try Files.write([1, 2, 3], to: "\(folder.path)/long")
        #expect(throws: FileError.self) { try Files.read("\(folder.path)/long", limit: 2) }
    }

    /// If writing fails, the old file stays and no other file is left.
    @Test func aFailedWriteLeavesNothing() throws {
        let folder = try Folder()
        let occupied = "\(folder.path)/folder"
        try FileManager.default.createDirectory(atPath: "\(occupied)/inside", withIntermediateDirectories: true)
        #expect(throws: FileError.self) { try Files.write([1], to: occupied) }
        #expect(folder.files == ["folder"])
        let path = "\(folder.path)/picture"
        try Files.write([1, 2, 3], to: path)
        #expect(throws: FileError.self) { try Image(width: 2, height: 2, channels: 2).writePNM(to: path) }
        #expect(try Files.read(path) == [1, 2, 3])
        try Files.write([], to: path)
        #expect(try Files.read(path) == [])
    }
}
