import Foundation
import TestSupport
import Testing

@Suite struct DocumentationTests {
    /// The tables in the elements' pages match gst-inspect-1.0 of the built plugin.
    @Test func theElementsPagesAreNotStale() throws {
        let built = (Program.pentimento as NSString).deletingLastPathComponent
        let outcome = try Program.run(
            "/usr/bin/env", ["GST_PLUGIN_PATH=\(built)", "\(TestData.repository)/Docs/elements/update", "--check"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// Each element has a page.
    @Test func pagesForAllElements() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: "\(TestData.repository)/Docs/elements")
        for element in [
            "coherentstylize", "flowdraw", "flowwarp", "occlusioncheck", "opticalflow", "stylize", "styleoptimize",
            "temporalmeter", "cubemapsplit", "spherestylize", "cubemapjoin",
        ] {
            #expect(pages.contains("\(element).md"))
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
        let models = try FileManager.default.contentsOfDirectory(
            atPath: "\(TestData.repository)/Plugins/GstPentimento/Models"
        ).filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(".safetensors".count)) }
        #expect(!models.isEmpty)
        for model in models {
            #expect(recipes.contains { $0[0] == model }, "\(model)")
            for ending in ["jpg", "webp"] {
                #expect(page.contains("(\(model).\(ending))"))
                #expect(FileManager.default.fileExists(atPath: "\(gallery)/\(model).\(ending)"))
            }
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: gallery)
        let bytes = try files.map {
            try FileManager.default.attributesOfItem(atPath: "\(gallery)/\($0)")[.size] as? Int ?? 0
        }
        #expect((100_000..<3_500_000).contains(bytes.reduce(0, +)))
    }
}
