/// Why a frame cannot be taken for a sphere, or cut into faces of a size: what is wrong, and what would do.
public struct SphereError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
