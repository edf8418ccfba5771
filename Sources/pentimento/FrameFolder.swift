import FoundationEssentials
import Imaging
import MediaIO

/// The files of a folder with given file name extensions, sorted by name.
func files(in folder: String, endings: [String]) throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        throw MediaError("\(folder): no such folder")
    }
    return names.filter { name in endings.contains { name.lowercased().hasSuffix($0) } }.sorted().map {
        "\(folder)/\($0)"
    }
}

/// The images of a folder, sorted by name.
///
/// - Throws: `MediaError` if there are fewer than two.
func images(in folder: String) throws -> [String] {
    let paths = try files(in: folder, endings: [".png", ".jpg", ".jpeg", ".ppm"])
    guard paths.count > 1 else {
        throw MediaError("\(folder): has \(paths.count) pictures (.png, .jpg, .ppm); two or more are needed")
    }
    return paths
}

/// Reads a mask: the luma of an image file.
func mask(_ path: String) throws -> Plane<UInt8> {
    try path.hasSuffix(".pgm") ? Plane(contentsOfPGM: path) : Image(contentsOf: path).luma()
}
