/// An error in a model or its use: what is wrong, where, and how to correct it.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    /// One or two sentences, without a line break.
    public let description: String
    /// The requested model, as a name or path; nil if not known.
    public private(set) var model: String?
    /// The mix of styles that is wrong, where the model is not; nil otherwise.
    public private(set) var mix: String?

    /// - Parameter description: one or two sentences, without a line break.
    public init(_ description: String) {
        self.description = description
    }

    /// The same error, prefixed with the file's path.
    package func within(_ path: String) -> ModelError {
        ModelError("\(path): \(description)")
    }

    /// The same error, of a mix of the model's styles.
    package func ofMix(_ mix: String) -> ModelError {
        var error = self
        error.mix = mix
        return error
    }

    /// The same error with the name or path of the requested model.
    package func of(_ model: String) -> ModelError {
        var error = self
        error.model = model
        return error
    }
}
