/// A frame size such as `640x360`, or `640x` or `x360`, where the other side follows from the aspect ratio.
public struct RequestedSize: Sendable, Equatable {
    /// In pixels; nil: from the height and the aspect ratio.
    public let width: Int?
    /// In pixels; nil: from the width and the aspect ratio.
    public let height: Int?

    /// The largest width and height, in pixels.
    package static let largestSide = 32768

    /// Nil if the text is malformed or a side is not in 1...32768.
    public init?(_ text: String) {
        let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map(String.init)
        guard sides.count == 2, sides != ["", ""] else { return nil }
        var values: [Int?] = []
        for side in sides {
            if side.isEmpty {
                values.append(nil)
            } else if let value = Int(side), (1...Self.largestSide).contains(value) {
                values.append(value)
            } else {
                return nil
            }
        }
        (width, height) = (values[0], values[1])
    }

    /// A size with both sides given.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The size for an input. A computed side is even, since most players need that.
    public func resolved(for input: MediaInput) -> (width: Int, height: Int) {
        let proportion = Double(input.width) * input.pixelAspectRatio / Double(input.height)
        switch (width, height) {
        case (let width?, let height?): return (width, height)
        case (let width?, nil): return (width, Self.even(Double(width) / proportion))
        case (nil, let height?): return (Self.even(Double(height) * proportion), height)
        case (nil, nil): return (input.width, input.height)
        }
    }

    private static func even(_ value: Double) -> Int {
        max(2, Int(min(value / 2, 1e9).rounded()) * 2)
    }
}
