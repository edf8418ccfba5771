import Foundation
import Style
import TestSupport
import Testing

@Suite struct DocumentationTests {
    /// Each element has a page; the tables in the pages and GStreamer's documentation cache match gst-inspect-1.0 of the
    /// built plugin.
    @Test func theElementsPagesAreNotStale() throws {
        let built = (Program.pentimento as NSString).deletingLastPathComponent
        let outcome = try Program.run(
            "/usr/bin/env", ["GST_PLUGIN_PATH=\(built)", "\(TestData.repository)/Docs/elements/update", "--check"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// GStreamer's documentation cache is JSON and has each element, and each enumeration that a property has.
    @Test func theDocumentationCacheIsComplete() throws {
        typealias Object = [String: Any]
        let folder = "\(TestData.repository)/Docs/elements"
        let data = try #require(FileManager.default.contents(atPath: "\(folder)/gst_plugins_cache.json"))
        let cache = try #require(try JSONSerialization.jsonObject(with: data) as? Object)
        let plugin = try #require(cache["pentimento"] as? Object)
        let elements = try #require(plugin["elements"] as? [String: Object])
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }
        #expect(Set(elements.keys) == Set(pages.map { String($0.dropLast(3)) }))
        let types = try #require(plugin["other-types"] as? [String: Object])
        for (name, element) in elements {
            let pads = name == "maskcombine" ? ["mask", "sink", "src"] : ["sink", "src"]
            #expect((element["pad-templates"] as? Object)?.keys.sorted() == pads, "\(name)")
            for (property, facts) in try #require(element["properties"] as? [String: Object]) {
                let type = try #require(facts["type"] as? String)
                #expect(facts["default"] is String && facts["blurb"] is String, "\(name) \(property)")
                guard type.hasPrefix("Pentimento") else { continue }
                #expect((types[type]?["values"] as? [Object])?.isEmpty == false, "\(type)")
            }
        }
    }

    /// Each `pentimento` line of the pages is one that the program takes.
    ///
    /// With so few open files allowed, the program stops with status 1 once its arguments are parsed; wrong ones have
    /// status 2.
    @Test func commandLinesAreValid() throws {
        func status(_ line: String, limit: String = "ulimit -n 16") throws -> Outcome {
            let shell = "\(limit); pentimento() { \"$0\" \"$@\"; }\n\(line)"
            return try Program.run("/bin/bash", ["-c", shell, Program.pentimento])
        }
        let lines = try Self.commandLines()
        #expect(lines.count > 25)
        for (page, line) in lines {
            let outcome = try status(line)
            #expect(outcome.status == 1 && outcome.errors.contains("open files"), "\(page): \(line): \(outcome.errors)")
            // Also the keys of a pipeline file, and what is done at once.
            let isRun = line.hasPrefix("pentimento run ")
            if isRun || line.hasPrefix("pentimento models list") {
                let outcome = try status(isRun ? "\(line) --print" : line, limit: "true")
                #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(page): \(line): \(outcome.errors)")
            }
        }
        #expect(try status("pentimento stylize --no-such-option a -o b").status == 2)
    }

    /// The lines in shell blocks of the pages that begin with `pentimento`, continuation lines joined, with their page.
    private static func commandLines() throws -> [(page: String, line: String)] {
        let folder = "\(TestData.repository)/Docs"
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }
        return try (["README.md"] + pages.map { "Docs/\($0)" }).flatMap { page in
            let text = try String(contentsOfFile: "\(TestData.repository)/\(page)", encoding: .utf8)
            return text.matches(of: /(?ms)^```sh\n(.*?)^```/).flatMap { block in
                block.output.1.replacing("\\\n", with: " ").split(separator: "\n")
                    .filter { $0.hasPrefix("pentimento ") }.map { (page, String($0)) }
            }
        }
    }

    /// The table of targets in Docs/Architecture.md has the dependencies of Package.swift.
    @Test func theArchitecturePageShowsTheTrueDependencies() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOfFile: "\(TestData.repository)/\(path)", encoding: .utf8)
        }
        func quoted(_ text: Substring) -> [String] {
            text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
        var declared: [String: Set<String>] = [:]
        for target in try text("Package.swift").matches(
            of: /\.(?:target|executableTarget)\(\s*name: "([^"]+)"([^\[)]*\[[^\]]*\])?/)
        {
            let dependencies = target.output.2.map { $0.contains("dependencies:") ? quoted($0) : [] } ?? []
            declared[String(target.output.1)] = Set(dependencies).subtracting(["swift-argument-parser"])
        }
        var shown: [String: Set<String>] = [:]
        for row in try text("Docs/Architecture.md").matches(of: /\| `([^`]+)` \| ([^|`]+) \| [^\n]* \|\n/) {
            let names = row.output.2.split(separator: ", ").map(String.init)
            shown[String(row.output.1)] = Set(names).subtracting(["-"])
        }
        #expect(declared.count > 15)
        for (target, dependencies) in declared { #expect(shown[target] == dependencies, "\(target)") }
    }

    /// Every relative link of a page leads to a file.
    @Test func linksLeadToFiles() throws {
        let root = TestData.repository
        let pages =
            ["README.md", "CONTRIBUTING.md", "CREDITS.md"]
            + (try FileManager.default.subpathsOfDirectory(atPath: "\(root)/Docs").filter { $0.hasSuffix(".md") }
                .map { "Docs/\($0)" })
        var count = 0
        for page in pages {
            let text = try String(contentsOfFile: "\(root)/\(page)", encoding: .utf8)
            let folder = (page as NSString).deletingLastPathComponent
            for link in text.matches(of: /\]\(([^)#: ]+)(?:#[^)]*)?\)/) {
                count += 1
                #expect(
                    FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(link.output.1)"),
                    "\(page): \(link.output.1)")
            }
        }
        #expect(count > 100)
    }

    /// Each shipped style has a recipe, a painting, credits and a place in the gallery, and the gallery is small.
    @Test func theGalleryHasAllStyles() throws {
        let gallery = "\(TestData.repository)/Docs/Gallery"
        func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        let recipes = try text("\(gallery)/styles").split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
            .map {
                $0.split(separator: "|", omittingEmptySubsequences: false).map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
            }
        let credits = try text("\(TestData.repository)/CREDITS.md")
        let page = try text("\(gallery)/README.md")
        for recipe in recipes {
            #expect(recipe.count >= 6, "\(recipe)")
            #expect(FileManager.default.fileExists(atPath: "\(gallery)/paintings/\(recipe[1])"))
            // Title, painter and year.
            for fact in recipe[2...4] { #expect(credits.contains(fact), "\(fact)") }
        }
        let library = ModelLibrary(folders: ["\(TestData.repository)/Plugins/GstPentimento/Models"])
        #expect(library.listModels().map(\.name) == recipes.map { $0[0] }.sorted())
        for recipe in recipes {
            for ending in [".jpg", ".webp", "-sizes.jpg"] {
                #expect(page.contains("(\(recipe[0])\(ending))"))
                #expect(FileManager.default.fileExists(atPath: "\(gallery)/\(recipe[0])\(ending)"))
            }
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: gallery)
        let bytes = try files.map {
            try FileManager.default.attributesOfItem(atPath: "\(gallery)/\($0)")[.size] as? Int ?? 0
        }
        #expect((100_000..<12_000_000).contains(bytes.reduce(0, +)))
    }
}
