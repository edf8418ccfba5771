import ArgumentParser
import Glibc
import Support

/// Fuzzes the parsers, the networks and the elements.
#if !LIBFUZZER
    @main
#endif
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pentimento-fuzz",
        abstract: "Fuzzes parsers, networks and elements until one crashes or hangs.",
        discussion: """
            Without files, mutates well-formed inputs at random, reproducibly for a seed. An input that makes a target crash or \
            hang is written to fuzz-TARGET-PID.input; to reproduce: pentimento-fuzz TARGET FILE.
            Targets: \(targets.map(\.name).joined(separator: ", ")); “all” runs all of them.
            """)

    @Argument(help: "The target, or all.")
    var target: String

    @Argument(help: "Files to run instead of random inputs.")
    var files: [String] = []

    @Option(help: "Seconds per target. (default: 60, unless --inputs is given)")
    var seconds: Int?

    @Option(help: "Number of inputs per target.")
    var inputs: Int?

    @Option(help: "Seed of the mutations.")
    var seed: UInt64 = 1

    func validate() throws {
        guard target == "all" || targets.contains(where: { $0.name == target }) else {
            throw ValidationError("there is no target “\(target)”")
        }
    }

    var timeLimit: Int? { seconds ?? (inputs == nil ? 60 : nil) }

    /// Limits the memory of a plan. Real models need less, and many processes may run at once.
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

let targets: [any FuzzTarget] =
    fileTargets + textTargets + controlTargets + [studioTarget] + networkTargets + [elementsTarget]

private let elementsTarget = NumberTarget(name: "elements") { try pipelineFuzzer.run(seed: $0) }
private let pipelineFuzzer = PipelineFuzzer()
