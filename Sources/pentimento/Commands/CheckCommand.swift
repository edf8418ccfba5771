import ArgumentParser
import Flow
import Imaging
import MediaIO

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Computes the certainty of an optical flow from the reverse flow.",
        discussion: """
            Writes a binary PGM image: 255 where the flow is certain, 0 at disocclusions and motion boundaries (equations 5 to 7 \
            of the paper).
            """)

    @Argument(help: "The flow to check (.flo).")
    var flow: String

    @Argument(help: "The flow in the opposite direction (.flo).")
    var reverse: String

    @Option(name: .shortAndLong, help: "The mask to write (.pgm).")
    var output: String

    @Option(parsing: .unconditional, help: "Size of a minimum filter on the mask in pixels, odd; 1: no filter.")
    var minFilter = 1

    @Flag(inversion: .prefixedNo, help: "Mark motion boundaries as uncertain.")
    var motionBoundaries = true

    @Flag(help: "Replace the output if it exists.")
    var force = false

    func validate() throws {
        guard minFilter % 2 == 1, (1...99).contains(minFilter) else {
            throw ValidationError("--min-filter is an odd number from 1 to 99, not \(minFilter)")
        }
    }

    func run() throws {
        let reserved = try ReservedOutputs([output], replacing: force)
        let forth = try FlowField(contentsOf: flow)
        let back = try FlowField(contentsOf: reverse)
        guard forth.width == back.width, forth.height == back.height else {
            throw MediaError(
                "\(reverse): is \(back.width) x \(back.height), \(flow) is \(forth.width) x \(forth.height); they must agree"
            )
        }
        var certainty = ConsistencyCheck(motionBoundaries: motionBoundaries).certainty(of: forth, reverse: back)
        if minFilter > 1 { certainty = certainty.minimumFiltered(size: minFilter) }
        let mask = Plane(
            width: certainty.width, height: certainty.height, values: certainty.values.map { UInt8($0 > 0 ? 255 : 0) })
        reserved.release()
        try mask.writePGM(to: output, replacing: force)
    }
}
