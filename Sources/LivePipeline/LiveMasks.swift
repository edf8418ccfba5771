import MediaIO
import Support

/// Pictures that say where to paint: those of a folder, and maybe one more. They are known by their files' names. What is
/// put into the folder while it plays can be chosen at once.
package struct LiveMasks: Sendable {
    private let folder: String?
    private let extra: String?

    /// - Parameters:
    ///   - folder: need not exist; nil: none.
    ///   - path: of a further picture; nil: none.
    package init(folder: String? = nil, adding path: String? = nil) { (self.folder, extra) = (folder, path) }

    /// Where the user's masks are; nil if the user has no folder.
    package static var userFolder: String? { UserData.path("masks") }

    /// Names of those that are there, sorted.
    package var names: [String] {
        let inFolder = folder.map { Files.names(in: $0) } ?? []
        let all = inFolder.filter { PictureEndings.all.contains(FileName.ending(of: $0)) }
        return Set(all + (extra.map { [Self.name(of: $0)] } ?? [])).sorted()
    }

    /// Path of a mask; nil if there is none of this name.
    func path(of name: String) -> String? {
        if name.isEmpty { return nil }
        if let extra, Self.name(of: extra) == name { return extra }
        guard let folder, names.contains(name) else { return nil }
        return "\(folder)/\(name)"
    }

    /// The name by which a picture is known.
    package static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
