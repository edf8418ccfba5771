import Conversions
import MediaIO
import Shots
import Style
import Support

/// All settings that the pixels of a painting depend on, so that parts of different settings are not joined.
struct PixelSettings {
    private var values: [(name: String, value: String)]

    /// Those of a conversion that ``Detector`` does not have.
    init(_ settings: Conversion.Settings) {
        values = [("version", Pentimento.configuration.version), ("bit-depth", "\(settings.bitDepth)")]
    }

    mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        values.append((name, value.description))
    }

    /// Adds what cuts depend on, as frames do, too.
    mutating func add(_ detector: Detector) {
        for (name, value) in detector.fields { add("cuts-\(name)", value) }
    }

    /// Adds the content of a file.
    mutating func add(_ name: String, file path: String) throws {
        guard let digest = try Files.digest(of: path, goesOn: { Interrupt.received == nil }) else {
            throw MediaError("\(path): interrupted while it was read")
        }
        add(name, digest.sha256)
    }

    /// Adds a style: the content of its model's file, and its name in it.
    mutating func add(_ name: String, style: String) throws {
        let (path, style) = try ModelLibrary.standard.file(of: style)
        try add(name, file: path)
        add("\(name)-name", style ?? "")
    }

    /// SHA-256 of names and values.
    var digest: String {
        sha256(Array(values.map { "\($0.name)=\($0.value)\n" }.sorted().joined().utf8)[...])
    }
}
