import Imaging

/// One run of a method whose result is kept: on a scene, in a style.
public struct Job {
    /// Unique, such as `offline/scream/alley_1/random`. Tables that need the same run name it alike and share it.
    public let name: String
    /// What the result depends on. A result that was kept with other settings is computed again.
    public let settings: [String: String]
    /// Expected duration, in any unit that all jobs share; for the time that is left.
    public let cost: Double
    private let body: (JobStore, [String: String]) throws -> JobResult

    /// - Parameters:
    ///   - version: of the results. A developer increases it when the program gives other results for the same settings.
    ///   - run: is given ``settings``, for frames that it keeps.
    package init(
        _ name: String, version: Int, settings: [String: String], cost: Double,
        run: @escaping (JobStore, _ settings: [String: String]) throws -> JobResult
    ) {
        self.name = name
        self.settings = settings.merging(["version": "\(version)"]) { $1 }
        self.cost = cost
        body = run
    }

    func run(_ store: JobStore) throws -> JobResult { try body(store, settings) }
}

/// What a job has measured.
public struct JobResult: Codable, Equatable, Sendable {
    /// By the names of the measures.
    public var values: [String: Double]
    /// What a reader has to know about it, a sentence each.
    public var notes: [String]
    /// Names of the pictures that it wrote, in the folder of the pictures.
    public var pictures: [String]

    package init(_ values: [String: Double], notes: [String] = [], pictures: [String] = []) {
        self.values = values
        self.notes = notes
        self.pictures = pictures
    }
}

/// Why a table cannot be made.
public struct ReproductionError: Error, Equatable, CustomStringConvertible {
    /// One line with the cause and the remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}
