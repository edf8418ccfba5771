/// A function to fuzz, which takes bytes from an untrusted source.
protocol FuzzTarget: Sendable {
    var name: String { get }
    /// Well-formed inputs to start from.
    func seeds() throws -> [[UInt8]]
    /// Dictionary of words with a meaning to the target.
    var words: [String] { get }
    /// Processes an input. It may reject it, but must not crash, hang, or exceed the memory limit.
    func run(_ input: [UInt8])
}

extension FuzzTarget {
    var words: [String] { [] }
}

/// A target whose inputs are generated from a number.
struct NumberTarget: FuzzTarget {
    let name: String
    let body: @Sendable (UInt64) throws -> Void

    func seeds() -> [[UInt8]] { (0..<8).map { [$0, 0, 0, 0, 0, 0, 0, 0] } }

    /// Runs the case of a number. A thrown error is a failure.
    func run(_ input: [UInt8]) {
        do {
            try body(input.prefix(8).reduce(UInt64(input.count)) { ($0 << 8 | $0 >> 56) ^ UInt64($1) })
        } catch {
            fatalError("\(error)")
        }
    }
}

/// A target made of a function.
struct FunctionTarget: FuzzTarget {
    let name: String
    var words: [String] = []
    let makeSeeds: @Sendable () throws -> [[UInt8]]
    let body: @Sendable ([UInt8]) throws -> Void

    func seeds() throws -> [[UInt8]] { try makeSeeds() }
    func run(_ input: [UInt8]) { _ = try? body(input) }
}

/// A target that parses text.
func textTarget(
    _ name: String, words: [String], seeds: [String], body: @escaping @Sendable (String) throws -> Void
) -> FunctionTarget {
    FunctionTarget(
        name: name, words: words, makeSeeds: { seeds.map { Array($0.utf8) } },
        body: { try body(String(decoding: $0, as: UTF8.self)) })
}
