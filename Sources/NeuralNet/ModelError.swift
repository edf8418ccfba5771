/// What is wrong with a model, where, and what to do about it.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    /// One sentence or two, without a line break.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    /// The same error with the file it was found in put before it.
    func within(_ path: String) -> ModelError {
        ModelError("\(path): \(description)")
    }
}
