import FoundationEssentials
import Imaging
import MediaIO
import Support
import TestSupport
import Testing
import Training

@Suite struct PhotoSetTests {
    private static let folder = TestData.fixture("photographs", of: "TrainingTests")

    private func decode(_ path: String) throws -> Image {
        try Image(contentsOf: path, over: 255, largestPixelCount: 1 << 24, takesFirstFrame: true)
    }

    /// `Fixtures/make_photographs.py` describes the files.
    @Test func photographsAreLoadedAndOtherFilesReported() throws {
        var settings = PhotoSet.Settings()
        settings.heldOut = 0
        let photos = try PhotoSet(folder: Self.folder, settings: settings) { try decode($0) }
        let useless = Set(photos.skipped.map(\.file))
        for name in ["cut-half.jpg", "cut-short.jpg", "empty.jpg", "notes.txt", "text.jpg", "tiny.png"] {
            #expect(useless.contains(name), "\(name) should be skipped")
        }
        let useful = [
            "colour.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "palette.png", "bilevel.png", "deep-grey.png",
            "transparent.png", "turned.jpg", "picture.bmp", "picture.tif", "animated.gif", "more/colour.jpg",
        ]
        for name in useful {
            #expect(!useless.contains(name), "\(name) should be used")
        }
        #expect(photos.skipped == photos.skipped.sorted { $0.file < $1.file })
        #expect(photos.skipped.allSatisfy { !$0.reason.isEmpty && !$0.reason.contains(Self.folder) })
        #expect(photos.skipped.first { $0.file == "tiny.png" }?.reason.contains("20 x 15") == true)
        #expect(photos.training.count + photos.skipped.count == 21)
        #expect(photos.heldOut.isEmpty && photos.leftOut == 0)
        #expect(
            photos.warnings.contains { $0.contains("left out") }
                && photos.warnings.contains { $0.contains("photographs only") })
    }

    @Test func manyAreDividedTheSameWayOnAnyNumberOfThreads() throws {
        let shop = try PhotoFolder(count: 60)
        let sets = try [1, 4].map { threads in
            try PhotoSet(folder: shop.path, threads: threads, decode: PhotoFolder.decode)
        }
        #expect(sets[0].heldOut.count == 3 && sets[0].training.count == 57)
        #expect(sets[0].fingerprint == sets[1].fingerprint)
        #expect(sets[0].warnings.isEmpty)
        // Sorted by name; no photograph is in both sets.
        let widths = sets[0].training.map(\.width)
        #expect(widths == widths.sorted() && Set(widths).isDisjoint(with: sets[0].heldOut.map(\.width)))
        #expect(zip(sets[0].training, sets[1].training).allSatisfy { $0.width == $1.width })
        try shop.add("another", size: 99)
        #expect(try PhotoSet(folder: shop.path, decode: PhotoFolder.decode).fingerprint != sets[0].fingerprint)
    }

    @Test func memoryIsBounded() throws {
        let shop = try PhotoFolder(count: 60)
        var settings = PhotoSet.Settings()
        settings.memoryLimit = 300_000
        let photos = try PhotoSet(folder: shop.path, settings: settings, decode: PhotoFolder.decode)
        let used = (photos.training + photos.heldOut).reduce(0) { $0 + 3 * $1.width * $1.height }
        #expect(used <= 300_000 && used > 200_000)
        #expect(photos.leftOut == 60 - photos.training.count - photos.heldOut.count && photos.skipped.isEmpty)
        #expect(photos.warnings.contains { $0.hasPrefix("\(photos.leftOut) photographs are not used") })
        // A random selection, not the first by name.
        #expect((photos.training.last?.width ?? 0) > 110)
        // At least one is taken, however low the limit.
        settings.memoryLimit = 1
        #expect(try PhotoSet(folder: shop.path, settings: settings, decode: PhotoFolder.decode).training.count == 1)
    }

    @Test func largeOnesAreShrunk() throws {
        let shop = try PhotoFolder(count: 1, first: 300)
        var settings = PhotoSet.Settings()
        settings.shorterSide = 100
        let photos = try PhotoSet(folder: shop.path, settings: settings, decode: PhotoFolder.decode)
        #expect(photos.training[0].width == 150 && photos.training[0].height == 100)
    }

    @Test func oneIsEnoughButWarnedAbout() throws {
        let shop = try PhotoFolder(count: 1)
        let photos = try PhotoSet(folder: shop.path, decode: PhotoFolder.decode)
        #expect(photos.training.count == 1 && photos.heldOut.isEmpty)
        #expect(photos.warnings.contains { $0.contains("one photograph only") })
        // A single file instead of a folder.
        let file = "\(shop.path)/\(Files.names(in: shop.path)[0])"
        #expect(try PhotoSet(folder: file, decode: PhotoFolder.decode).training.count == 1)
    }

    @Test func withoutAnyThereIsAnError() throws {
        let shop = try PhotoFolder(count: 0)
        #expect(throws: TrainingDataError.self) { try PhotoSet(folder: shop.path, decode: PhotoFolder.decode) }
        try Files.write([1, 2, 3], to: "\(shop.path)/readme.txt")
        do {
            _ = try PhotoSet(folder: shop.path, decode: { _ in throw MediaError("is no picture") })
            Issue.record("a folder without photographs was taken")
        } catch let error as TrainingDataError {
            #expect(error.description.contains("readme.txt: is no picture") && error.description.contains(shop.path))
        }
        do {
            _ = try PhotoSet(folder: "\(shop.path)/none", decode: PhotoFolder.decode)
            Issue.record("a folder that does not exist was taken")
        } catch let error as TrainingDataError {
            #expect(error.description.contains("no such folder"))
        }
    }

    @Test func progressIsToldAndMayEndIt() throws {
        struct Enough: Error {}
        let shop = try PhotoFolder(count: 40)
        var seen: [Int] = []
        _ = try PhotoSet(folder: shop.path, decode: PhotoFolder.decode) { done, of in
            #expect(of == 40)
            seen.append(done)
        }
        #expect(seen.last == 40 && seen == seen.sorted() && seen.count > 1)
        #expect(throws: Enough.self) {
            try PhotoSet(folder: shop.path, decode: PhotoFolder.decode) { _, _ in throw Enough() }
        }
    }
}

/// A temporary folder of files that `decode` turns into images.
final class PhotoFolder: Sendable {
    let path: String

    /// - Parameter first: height of the first image; each next one is a pixel higher.
    init(count: Int, first: Int = 64) throws {
        path = FileManager.default.temporaryDirectory.path + "/pentimento-photographs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for index in 0..<count { try add("\(1000 + index)", size: first + index) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func add(_ name: String, size: Int) throws { try Files.write(Array("\(size)".utf8), to: "\(path)/\(name)") }

    /// An image with the height given in the file, and 1.5 times as wide.
    static func decode(_ path: String) throws -> Image {
        let size = Int(String(decoding: try Files.read(path), as: UTF8.self)) ?? 0
        return Image(width: size * 3 / 2, height: size, repeating: Float(size))
    }
}
