import FoundationEssentials

/// Where tests find files.
public enum TestData {
    /// The root of the checkout.
    public static let repository: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// The fixture `name` of the test target `target`, made by a script beside it.
    public static func fixture(_ name: String, of target: String) -> String {
        "\(repository)/Tests/\(target)/Fixtures/\(name)"
    }

    /// A file of the optional collection of real frames, flows and masks that lies beside the checkout as
    /// `shared`, or where `PENTIMENTO_TEST_DATA` says; nil, with a word on standard output, where it is missing.
    public static func real(_ path: String) -> String? {
        let root = ProcessInfo.processInfo.environment["PENTIMENTO_TEST_DATA"] ?? "\(repository)/../shared"
        let file = "\(root)/\(path)"
        if FileManager.default.fileExists(atPath: file) { return file }
        print("SKIPPED: no real data at \(path); set PENTIMENTO_TEST_DATA to a folder that has it")
        return nil
    }
}
