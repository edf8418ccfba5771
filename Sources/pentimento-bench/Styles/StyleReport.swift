import FoundationEssentials
import Imaging

/// Measures trained styles. Prints one line for each measure and model.
enum StyleReport {
    static let usage =
        "[--measures loss,layers,still,shift,pattern,coherence,drift,classify] [--size 640x360] [--iterations 60] "
        + "[--pictures FOLDER --count 4] [--clips FILE,FILE --frames 60 --depths 10,100,1000] [--sintel FOLDER] "
        + "[--paintings FOLDER] [--network vgg16] [--threads N] [--json] [--sheet OUT.png] "
        + "--style PAINTING[,PAINTING...] MODEL[#STYLE] ..."

    /// The measures, in the order in which they are made.
    enum Measure: String, CaseIterable {
        case loss, layers, still, shift, pattern, coherence, drift, classify

        func prepared(for input: ReportInput) throws -> any StyleMeasure {
            switch self {
            case .loss: try LossMeasure(input)
            case .layers: try LayersMeasure(input)
            case .still: try StillMeasure(input)
            case .shift: try ShiftMeasure(input)
            case .pattern: try PatternMeasure(input)
            case .coherence: try CoherenceMeasure(input)
            case .drift: try DriftMeasure(input)
            case .classify: try ClassifyMeasure(input)
            }
        }
    }

    static func run(_ arguments: [String]) throws {
        let input = try ReportInput(arguments)
        let chosen = try input.list("measures")?.map { name in
            guard let measure = Measure(rawValue: name) else { throw BenchmarkError("there is no measure \(name)") }
            return measure
        }
        var report: [String: [String: [String: Reading.Value]]] = [:]
        for kind in chosen ?? Measure.allCases {
            let measure: any StyleMeasure
            do {
                measure = try kind.prepared(for: input)
            } catch let missing as MissingInput where chosen == nil {
                if !input.isJSON { print("\(kind) | left out: \(missing)") }
                continue
            }
            for style in input.styles {
                let readings = try measure.readings(of: style)
                report[style.name, default: [:]][kind.rawValue] = Dictionary(
                    readings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
                guard !input.isJSON else { continue }
                print("\(kind) | \(style.name) | " + readings.map(\.description).joined(separator: ", "))
                flush()
            }
        }
        if let path = input.options["sheet"] { try ContactSheet(input).write(to: path) }
        guard input.isJSON else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}

/// One measure of styles. An instance holds what all models share, such as frames and flows.
protocol StyleMeasure {
    /// - Throws: ``MissingInput`` if an option is missing.
    init(_ input: ReportInput) throws

    func readings(of style: MeasuredStyle) throws -> [Reading]
}

/// An option that a measure needs.
struct MissingInput: Error, CustomStringConvertible {
    let option: String

    var description: String { "--\(option) is missing" }
}

/// A value of a measure.
struct Reading: CustomStringConvertible {
    enum Value: Encodable {
        case number(Double)
        /// In place of a number that cannot be given.
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    let name: String
    let value: Value

    /// - Parameter value: nil or not finite: there is none.
    init(_ name: String, _ value: Double?) {
        self.name = name
        self.value = value.flatMap { $0.isFinite ? .number($0) : nil } ?? .text("-")
    }

    init(_ name: String, text: String) {
        self.name = name
        value = .text(text)
    }

    /// Of a model without a prior.
    static let perFrame = [Reading("prior", text: "per frame")]

    var description: String {
        switch value {
        case .number(let number): "\(name) \(Self.significant(number))"
        case .text(let text): "\(name) \(text)"
        }
    }

    /// Three significant digits.
    private static func significant(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        var (digits, size) = (2, abs(value))
        while size >= 10 { (digits, size) = (digits - 1, size / 10) }
        while size < 1 { (digits, size) = (digits + 1, size * 10) }
        let factor = (0..<abs(digits)).reduce(1.0) { product, _ in product * 10 }
        guard digits > 0 else { return "\(Int(value.rounded()))" }
        let text = "\((value * factor).rounded() / factor)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension [Double] {
    /// The mean of the two middle values of an even number; nil without values.
    var median: Double? {
        isEmpty ? nil : (sorted()[(count - 1) / 2] + sorted()[count / 2]) / 2
    }

    /// Nil without values.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
