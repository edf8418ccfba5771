/// What is wrong with an input of the studio: one line, with what to do.
package struct StudioError: Error, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String

    package init(_ description: String) { self.description = description }
}
