import Foundation
import TestSupport
import Testing

/// A real Slurm, whose services a script starts and stops.
@Suite struct ClusterTests {
    /// A film that a node of two paints, of which one dies meanwhile, is whole and the same as without Slurm.
    @Test func filmSurvivesTheDeathOfANode() throws {
        let outcome = try Program.run("\(TestData.repository)/Scripts/try-cluster", [Program.pentimento])
        if let line = outcome.output.split(separator: "\n").first(where: { $0.hasPrefix("SKIPPED: ") }) {
            try TestData.skip(String(line.dropFirst("SKIPPED: ".count)))
        }
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("killed node"), "\(outcome.output)")
    }
}
