import ArgumentParser
import Glibc
import MediaIO
import Shots
import Support

struct SubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Has a cluster paint the shots of a film, and join the parts.",
        discussion: """
            Writes a shell script into the folder of the parts and runs it: with Slurm an array of jobs, each of some shots, and \
            a job that joins the parts when all are painted; locally the same by GNU parallel. Options of the command that \
            paints follow `--`: pentimento submit film.mp4 -o painted.mp4 --cluster slurm --shots film.shots.json --parts parts \
            -- --style scream
            """)

    @Argument(help: "The film.")
    var film: String

    @Option(name: .shortAndLong, help: "The video to write.")
    var output: String

    @Option(name: .customLong("shots"), help: "The list by `pentimento shots`.")
    var list: String

    @Option(help: "The folder of the parts, which all machines see; made if it is missing.")
    var parts: String

    @Option(help: "What runs the tasks: slurm, or local for GNU parallel on this machine.")
    var cluster: Cluster

    @Option(help: "The partition of Slurm.")
    var partition: String?

    @Option(parsing: .unconditional, help: "Processors of a task.")
    var cpusPerTask = 1

    @Option(
        name: .customLong("sbatch"), parsing: .unconditionalSingleValue,
        help: "One more option of sbatch, such as --sbatch --time=2:00:00. May be repeated.")
    var sbatch: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Most tasks. (default: so many that their mean is a quarter of the longest shot, at most 1000)")
    var tasks: Int?

    @Option(parsing: .unconditional, help: "Tasks at a time, with --cluster local. (default: as the processors allow)")
    var jobs: Int?

    @OptionGroup(title: "Joining") var joining: JoinOptions

    @Flag(help: "Paint only the shots whose parts are missing, and join.")
    var retry = false

    @Flag(help: "Print the script, and do nothing.")
    var dryRun = false

    @Flag(help: "Replace an output that exists.")
    var force = false

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("Options of the command that paints, such as --style.", valueName: "painting-options"))
    var painting: [String] = []

    func validate() throws {
        guard (1...4096).contains(cpusPerTask) else { throw ValidationError("--cpus-per-task is 1 to 4096") }
        if let tasks, !(1...100_000).contains(tasks) { throw ValidationError("--tasks is 1 to 100000") }
        if let jobs, !(1...4096).contains(jobs) { throw ValidationError("--jobs is 1 to 4096") }
        guard cluster == .local || jobs == nil else { throw ValidationError("--jobs belongs to --cluster local") }
        guard cluster == .slurm || partition == nil && sbatch.isEmpty else {
            throw ValidationError("--partition and --sbatch belong to --cluster slurm")
        }
        let own = ["-o", "--output", "--shots", "--shot"]
        if let word = painting.first(where: { word in own.contains { word == $0 || word.hasPrefix($0 + "=") } }) {
            throw ValidationError("\(word) is an option of submit itself; leave it out behind --")
        }
    }

    func run() throws {
        let shots = try ShotFailure.list(list)
        try FilmCheck.check(film, is: shots.film, list: list)
        try checkOutputs()
        // What is painted anew may be of any settings.
        let isAnew = !retry && (painting.contains("--force") || !Files.exists(parts))
        let (missing, painted) = isAnew ? (shots.shots, nil) : try PartFiles.missing(shots, in: parts)
        let script = try script(
            ShotPlan(retry ? missing : shots.shots, tasks: tasks), painting: shots.detector.painting)
        try checkPainting(script.painting, beside: painted)
        if dryRun {
            Terminal.write(raw: script.text, to: .output)
            return
        }
        guard cluster.isInstalled else {
            throw MediaError(
                "\(cluster.program) is not in PATH, which --cluster \(cluster.rawValue) needs; "
                    + "apt-get install \(cluster.debianPackage)")
        }
        let folder = Files.isFolder(parts) ? nil : try OutputFolder(parts)
        let path = "\(script.parts)/submit.sh"
        try withExtendedLifetime(folder) { try WholeFile.write(Array(script.text.utf8), to: path, replacing: true) }
        try start(path)
    }

    /// So that the join does not find out after all has been painted.
    private func checkOutputs() throws {
        guard try MediaOutput(output).isVideo, output != MediaOutput.standard else {
            throw MediaError("\(output): parts are joined to a video file; write .mp4, .mov, .mkv, .webm or .y4m")
        }
        guard !Files.areSame(film, output) else { throw MediaError("\(output): is the film; name another output") }
        try ReservedOutputs([output], replacing: force).release()
        guard Files.isFolder(parts) || !Files.exists(parts) else {
            throw MediaError("\(parts): is no folder; name one for the parts")
        }
    }

    private func script(_ plan: ShotPlan, painting command: String) throws -> ClusterScript {
        guard let program = Self.resolved("/proc/self/exe"), let folder = Self.resolved(".") else {
            throw MediaError("the working folder is gone")
        }
        let threads = ["--threads", "\(cpusPerTask)"]
        let isGiven = painting.contains { $0 == "--threads" || $0.hasPrefix("--threads=") }
        // A node may have died within a shot: its task, started again, goes on there.
        let isResumed = command == CutOptions.Painting.optimize.rawValue && !painting.contains("--resume")
        let paint =
            [command, film, "--shots", list, "-o", PartFiles.pattern(in: parts)] + (isGiven ? [] : threads) + painting
            + (isResumed ? ["--resume"] : [])
        let join =
            ["join", list, "--parts", parts, "--film", film, "-o", output] + joining.words + threads
            + (force ? ["--force"] : [])
        // Without the list, so that its options are not what an incomplete one is understood as.
        _ = try parsed([command, film, "-o", "part.mkv"] + painting)
        let partition = partition.map { ["--partition=\($0)"] } ?? []
        return ClusterScript(
            plan, cluster, program: program, folder: folder, parts: parts.hasPrefix("/") ? parts : "\(folder)/\(parts)",
            painting: paint, joining: join,
            jobs: jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / cpusPerTask),
            sbatch: partition + ["--cpus-per-task=\(cpusPerTask)"] + sbatch)
    }

    /// So that a wrong option is found now, and not by a thousand tasks or by the join.
    ///
    /// - Parameter painted: a part that is there already, of the same settings as all others that are.
    private func checkPainting(_ words: [String], beside painted: PartFiles.Part?) throws {
        try Pentimento.startElements()
        let command = try parsed(words + ["--shot", "\(painted?.tags.shot ?? 1)"])
        guard let part = try (command as? any ShotPainter)?.plannedPart(), let painted,
            let difference = part.difference(of: painted.tags)
        else { return }
        throw ShotFailure(
            .parts,
            "\(painted.file.path): is there, and \(difference); give the options that it was painted with, or paint all "
                + "anew by --force behind --, without --retry")
    }

    private func parsed(_ words: [String]) throws -> any ParsableCommand {
        do {
            return try Pentimento.parseAsRoot(words)
        } catch  where !Pentimento.exitCode(for: error).isSuccess {
            Terminal.write("pentimento: \(words[0]): \(Pentimento.message(for: error))", to: .error)
            throw ExitCode(2)
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let name = realpath(path, nil) else { return nil }
        defer { free(name) }
        return String(cString: name)
    }

    /// Becomes the script, so that its exit code is that of this command.
    private func start(_ script: String) throws {
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_DFL) }
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup(script), nil]
        execv("/bin/sh", &words)
        throw MediaError("/bin/sh cannot be run: \(String(cString: strerror(errno)))")
    }
}
