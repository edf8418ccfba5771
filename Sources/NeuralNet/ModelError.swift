/// What is wrong with a model, where, and what to do about it.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    /// One sentence or two, without a line break.
    public let description: String
    /// What the model was asked for by, a name or a path, where it is known.
    public private(set) var model: String?

    public init(_ description: String) {
        self.description = description
    }

    /// The same error with the file it was found in put before it.
    func within(_ path: String) -> ModelError {
        ModelError("\(path): \(description)")
    }

    /// The same error with the name or path that the model was asked for by.
    package func of(_ model: String) -> ModelError {
        var error = self
        error.model = model
        return error
    }
}
