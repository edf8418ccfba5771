import Studio

/// A message of Open Sound Control 1.0.
package struct OSCMessage: Equatable, Sendable {
    package let address: String
    package let arguments: [OSCArgument]

    package init(_ address: String, _ arguments: [OSCArgument] = []) {
        (self.address, self.arguments) = (address, arguments)
    }
}

/// An argument of a message, of the types that the studio uses.
package enum OSCArgument: Equatable, Sendable {
    /// Of the types i, f, h and d.
    case number(Double)
    /// Of the types s and S.
    case text(String)
    /// T and F.
    case flag(Bool)
    /// Any other.
    case other

    /// As a value of the state; nil for ``other``.
    var value: StudioValue? {
        switch self {
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        case .flag(let flag): .flag(flag)
        case .other: nil
        }
    }
}

/// Why a packet is not Open Sound Control.
package struct OSCError: Error, Equatable, CustomStringConvertible {
    /// One line.
    package let description: String

    init(_ description: String) { self.description = description }
}
