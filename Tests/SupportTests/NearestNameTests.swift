import Support
import Testing

@Suite struct NearestNameTests {
    @Test(
        arguments: [
            ("scraem", "scream", "scream"), ("SCREAM", "scream", "scream"), ("wave", "great-wave", nil),
            ("graet-wave", "great-wave", "great-wave"), ("x", "great-wave", nil), ("", "mix", nil), ("", "at", "at"),
            ("a", "bcd", nil), ("ab", "cd", "cd"), ("ümlaut", "umlaut", "umlaut"),
        ] as [(String, String, String?)])
    func guesses(name: String, nearest: String, guess: String?) {
        let names = ["something else", nearest, "nothing like that"]
        #expect(nearestName(to: name, in: names) == nearest)
        #expect(nearestName(to: name, in: names, isGuess: true) == guess)
    }

    @Test func severalAndNone() {
        #expect(nearestName(to: "cat", in: ["bat", "hat", "cut"]) == "bat")
        #expect(nearestName(to: "cat", in: []) == nil)
        // Only the beginning counts, so that a long text takes no time.
        let long = String(repeating: "a", count: 1 << 20)
        #expect(nearestName(to: long, in: ["bbb", long + "c"]) == long + "c")
    }
}
