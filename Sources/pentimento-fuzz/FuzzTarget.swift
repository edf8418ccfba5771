/// Something that takes bytes which anybody may have written.
protocol FuzzTarget: Sendable {
    var name: String { get }
    /// Inputs that are well-formed, to begin with.
    func seeds() throws -> [[UInt8]]
    /// Words that mean something to it.
    var words: [String] { get }
    /// Reads the input. It may refuse it; it must not trap, hang, or take more memory than the limit.
    func run(_ input: [UInt8])
}

extension FuzzTarget {
    var words: [String] { [] }
}

/// A target whose inputs are made from a number.
struct NumberTarget: FuzzTarget {
    let name: String
    let body: @Sendable (UInt64) throws -> Void

    func seeds() -> [[UInt8]] { (0..<8).map { [$0, 0, 0, 0, 0, 0, 0, 0] } }

    /// What it throws is a failure.
    func run(_ input: [UInt8]) {
        do {
            try body(input.prefix(8).reduce(UInt64(input.count)) { ($0 << 8 | $0 >> 56) ^ UInt64($1) })
        } catch {
            fatalError("\(error)")
        }
    }
}

/// A target that is one function.
struct FunctionTarget: FuzzTarget {
    let name: String
    var words: [String] = []
    let makeSeeds: @Sendable () throws -> [[UInt8]]
    let body: @Sendable ([UInt8]) throws -> Void

    func seeds() throws -> [[UInt8]] { try makeSeeds() }
    func run(_ input: [UInt8]) { _ = try? body(input) }
}

/// A target that reads texts.
func textTarget(
    _ name: String, words: [String], seeds: [String], body: @escaping @Sendable (String) throws -> Void
) -> FunctionTarget {
    FunctionTarget(
        name: name, words: words, makeSeeds: { seeds.map { Array($0.utf8) } },
        body: { try body(String(decoding: $0, as: UTF8.self)) })
}
