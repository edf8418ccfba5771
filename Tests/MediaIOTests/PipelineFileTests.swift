import MediaIO
import Testing

@Suite struct PipelineFileTests {
    private func filled(_ text: String, _ values: [String: String] = [:]) throws -> String {
        try PipelineFile(parsing: text, name: "test.gst").filled(with: values)
    }

    @Test func placeholdersAreReplaced() throws {
        #expect(try filled("a ! ${b=c} ! ${b}") == "a ! c ! c")
        #expect(try filled("${a=${b=x}y}", ["b": "z"]) == "zy")
        #expect(try filled("location=\"${file}\"", ["file": "a \"b\\"]) == "location=\"a \\\"b\\\\\"")
        #expect(try filled("# ${comment}\n$$5 ${a=}") == "$5 ")
        // Using a default twice is not a cycle.
        #expect(try filled("${a=1}${b=${a}${a}}${b}") == "11111")
    }

    @Test(arguments: [
        ("name=${a=${a}}", "${a}, ${a}"), ("width=${width=${width=3}}", "${width}, ${width}"),
        ("${a=${b}} ${b=${c}} ${c=${a}}", "${a}, ${b}, ${c}, ${a}"),
        ("${x=${b}} ${b=${c}} ${c=${b}}", "${b}, ${c}, ${b}"),
    ])
    func cyclesAreNamed(text: String, cycle: String) {
        let error = #expect(throws: MediaError.self) { try filled(text) }
        #expect(error?.description.contains(cycle) == true, "\(error?.description ?? "")")
    }

    @Test func aValueEndsACycle() throws {
        #expect(try filled("${a=${b}} ${b=${a}}", ["b": "1"]) == "1 1")
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "${a=", count: 120_000) + String(repeating: "}", count: 120_000)
        #expect(throws: MediaError.self) { try PipelineFile(parsing: deep, name: "test.gst") }
        let chain = (0..<40).map { "${a\($0)=${a\($0 + 1)}}" }.joined() + "${a40=x}"
        #expect(throws: Never.self) { try filled(chain) }
    }

    /// Each default contains the next one twice: 2^40 placeholders.
    @Test(arguments: ["", "x"]) func growthIsBounded(last: String) {
        let text = (0..<40).map { "${a\($0)=${a\($0 + 1)}${a\($0 + 1)}}" }.joined() + "${a40=\(last)}"
        let error = #expect(throws: MediaError.self) { try filled(text) }
        #expect(error?.description.contains("longer than") == true)
    }

    @Test func keysAreBounded() {
        let many = (0..<60_000).map { "${k\($0)=1}" }.joined()
        let error = #expect(throws: MediaError.self) { try PipelineFile(parsing: many, name: "test.gst") }
        #expect(error?.description.contains("60000 keys") == true)
    }
}
