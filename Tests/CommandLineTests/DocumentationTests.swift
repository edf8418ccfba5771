import Foundation
import TestSupport
import Testing

@Suite struct DocumentationTests {
    /// The pages' tables are what gst-inspect-1.0 says of the plugin that was built with these tests.
    @Test func theElementsPagesAreNotStale() throws {
        let built = (Program.pentimento as NSString).deletingLastPathComponent
        let outcome = try Program.run(
            "/usr/bin/env", ["GST_PLUGIN_PATH=\(built)", "\(TestData.repository)/Docs/elements/update", "--check"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// A page for each element of the interface.
    @Test func pagesForAllElements() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: "\(TestData.repository)/Docs/elements")
        for element in [
            "coherentstylize", "flowdraw", "flowwarp", "occlusioncheck", "opticalflow", "stylize", "styleoptimize",
            "temporalmeter",
        ] {
            #expect(pages.contains("\(element).md"))
        }
    }
}
