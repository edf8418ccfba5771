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

/// Reads a mask: the luma of an image file.
func mask(_ path: String) throws -> Plane<UInt8> {
    try path.hasSuffix(".pgm") ? Plane(contentsOfPGM: path) : Image(contentsOf: path).luma()
}
