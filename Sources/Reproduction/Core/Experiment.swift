/// A table or figure of the paper, and how it is made here.
public protocol Experiment {
    /// As on the command line, such as `table2`.
    static var name: String { get }
    /// The heading of its section.
    static var title: String { get }
    /// What is done and how, for the reader of the page.
    static var text: String { get }

    /// - Throws: ``ReproductionError`` if an input is missing.
    init(_ input: ReproductionInput) throws

    /// The runs that it needs.
    var jobs: [Job] { get }

    /// Its tables, from the results of its jobs.
    func section(_ results: Results) -> Section
}

/// The results of finished jobs, by their names.
public struct Results {
    private let results: [String: JobResult]

    init(_ results: [String: JobResult]) { self.results = results }

    subscript(_ job: String) -> JobResult? { results[job] }

    /// A measure of a job; nil if it was not measured.
    func value(_ measure: String, of job: String) -> Double? { results[job]?.values[measure] }

    /// The mean of a measure over jobs; nil if one of them has none.
    func mean(_ measure: String, of jobs: [String]) -> Double? {
        let values = jobs.compactMap { value(measure, of: $0) }
        guard !values.isEmpty, values.count == jobs.count else { return nil }
        return values.reduce(0, +) / Double(values.count)
    }
}

/// A section of the page.
public struct Section: Equatable, Sendable {
    /// What was measured here.
    public var tables: [Table]
    /// The paper's own numbers, with the same rows and columns.
    public var paper: [Table]
    /// Orders that the paper claims.
    public var claims: [Claim]
    /// Sentences about the inputs and limits.
    public var notes: [String]
    /// Pictures with their captions.
    public var pictures: [(name: String, caption: String)]

    init(
        tables: [Table], paper: [Table] = [], claims: [Claim] = [], notes: [String] = [],
        pictures: [(name: String, caption: String)] = []
    ) {
        self.tables = tables
        self.paper = paper
        self.claims = claims
        self.notes = notes
        self.pictures = pictures
    }

    public static func == (one: Section, other: Section) -> Bool {
        one.tables == other.tables && one.paper == other.paper && one.claims == other.claims
            && one.notes == other.notes && one.pictures.map(\.name) == other.pictures.map(\.name)
            && one.pictures.map(\.caption) == other.pictures.map(\.caption)
    }
}
