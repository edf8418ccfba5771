/// A frame that is not a sphere in the given layout, or an invalid face size; says what would be valid.
public struct SphereError: Error, CustomStringConvertible, Equatable {
    /// One line, with the sizes that would be valid.
    public let description: String

    /// Creates an error with a message.
    public init(_ description: String) {
        self.description = description
    }
}
