import ArgumentParser
import Glibc
import Support

/// Attacks the parsers, the networks and the elements with damaged inputs.
#if !LIBFUZZER
    @main
#endif
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pentimento-fuzz",
        abstract: "Attacks parsers, networks and elements with damaged inputs, until something traps or hangs.",
        discussion: """
            Without files: changes well-formed inputs at random, the same way for the same seed. An input that makes a target \
            trap or hang is left in fuzz-TARGET-PID.input; to see it again: pentimento-fuzz TARGET FILE.
            Targets: \(targets.map(\.name).joined(separator: ", ")); “all” for one after the other.
            """)

    @Argument(help: "The target, or all.")
    var target: String

    @Argument(help: "Inputs to try in place of random ones.")
    var files: [String] = []

    @Option(help: "Seconds for each target; without it and without --inputs: 60.")
    var seconds: Int?

    @Option(help: "Inputs for each target.")
    var inputs: Int?

    @Option(help: "What the changes are drawn from.")
    var seed: UInt64 = 1

    func validate() throws {
        guard target == "all" || targets.contains(where: { $0.name == target }) else {
            throw ValidationError("there is no target “\(target)”")
        }
    }

    var timeLimit: Int? { seconds ?? (inputs == nil ? 60 : nil) }

    /// What one plan may ask for: real models need less, and many processes may run at once.
    func setLimits() { setenv(MemoryLimit.variable, "512M", 0) }

    func run() throws {
        setLimits()
        var total = 0
        for chosen in targets where target == "all" || chosen.name == target {
            if files.isEmpty {
                let done = try FuzzRun.run(chosen, seconds: timeLimit, inputs: inputs, seed: seed)
                print("\(chosen.name): \(done) inputs")
                total += done
            } else {
                FuzzRun.watch(chosen.name)
                for file in files { FuzzRun.try1(chosen, try Files.read(file)) }
            }
            if chosen.name == elementsTarget.name { pipelineFuzzer.finish() }
            fflush(nil)
        }
        if files.isEmpty { print("\(total) inputs, none that traps or hangs") }
    }
}

let targets: [any FuzzTarget] = fileTargets + textTargets + networkTargets + [elementsTarget]

private let elementsTarget = NumberTarget(name: "elements") { try pipelineFuzzer.run(seed: $0) }
private let pipelineFuzzer = PipelineFuzzer()
