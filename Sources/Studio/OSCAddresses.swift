import Support

/// What a machine can ask of the studio.
package enum StudioAction: Equatable, Sendable {
    case change(StateChange)
    case preset(String)
    case tap
    case snapshot
}

/// An address of Open Sound Control, and what it does.
package struct OSCAddress: Codable, Equatable, Sendable {
    package let address: String
    /// Type of the argument: `f` number, `s` text, `T` true or false, also as a number; empty: none.
    package let type: String
    /// Smallest and largest number.
    package let range: [Double]?
    package let meaning: String
}

/// The addresses of Open Sound Control: a field is at `/pentimento/` and its name in JSON.
package enum OSCAddresses {
    private static let root = "/pentimento/"

    package static let all: [OSCAddress] =
        StudioField.allCases.map { field in
            let type =
                switch field.place {
                case .name: "s"
                case .number: "f"
                case .flag: "T"
                }
            return OSCAddress(
                address: root + field.rawValue, type: type, range: field.range.map { [$0.lowerBound, $0.upperBound] },
                meaning: field.meaning)
        } + [
            OSCAddress(address: root + "preset", type: "s", range: nil, meaning: "applies the preset of this name"),
            OSCAddress(address: root + "tap", type: "", range: nil, meaning: "taps the tempo"),
            OSCAddress(address: root + "snapshot", type: "", range: nil, meaning: "writes a picture of the painting"),
        ]

    /// What a message asks for. A number out of its range is moved to the nearest end, as faders are not exact.
    ///
    /// - Throws: ``StudioError`` if the address is unknown, or the argument of another kind.
    package static func action(_ address: String, _ argument: StudioValue?) throws(StudioError) -> StudioAction {
        guard address.hasPrefix(root) else {
            throw StudioError("there is no address \(shown(address)); all begin with \(root)")
        }
        let name = String(address.dropFirst(root.count))
        switch name {
        case "tap": return .tap
        case "snapshot": return .snapshot
        case "preset":
            guard case .text(let preset) = argument else { throw StudioError("\(address): give the name of a preset") }
            return .preset(preset)
        default: break
        }
        guard let field = StudioField(rawValue: name) else {
            let nearest = nearestName(to: address, in: all.map(\.address)) ?? ""
            throw StudioError("there is no address \(shown(address)); the nearest is \(nearest)")
        }
        guard var value = argument else { throw StudioError("\(address): the argument is missing") }
        if case .number(let number) = value, let range = field.range, !number.isNaN {
            value = .number(min(max(number, range.lowerBound), range.upperBound))
        }
        return .change(try StateChange(field, value))
    }
}
