import ArgumentParser
import CGStreamer
import Conversions
import GstPentimento
import MediaIO

@main
struct Pentimento: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pentimento",
        abstract: "Stylizes video after paintings, with temporal coherence.",
        version: "0.1.0",
        subcommands: [
            StylizeCommand.self, SphereCommand.self, OptimizeCommand.self, ShotsCommand.self, JoinCommand.self,
            SubmitCommand.self, TrainCommand.self,
            CompareCommand.self,
            FlowCommand.self,
            CheckCommand.self, EvaluateCommand.self, ReproduceCommand.self, SurveyCommand.self, ViewCommand.self,
            ModelsCommand.self, RunCommand.self, LiveCommand.self,
            DoctorCommand.self,
        ])

    /// Exits with 0 on success, with 2 if the arguments are wrong, and with 1 and one line on standard error if the
    /// work fails; with the code of a ``ShotFailure`` if shots are the cause.
    static func main() {
        Terminal.reserveDescriptors()
        // With SIGXFSZ and SIGPIPE ignored, a file size limit or a closed pipe is an ordinary error.
        Terminal.ignoreSignals()
        if let argument = Terminal.unreadableArgument {
            Terminal.write(
                "pentimento: \(argument): is not UTF-8, as names have to be; rename the file",
                to: .error)
            Terminal.exit(1)
        }
        var command: ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            let isHelp = exitCode(for: error).isSuccess
            Terminal.write(fullMessage(for: error), to: isHelp ? .output : .error)
            guard isHelp else { Terminal.exit(2) }
            reportLostOutput()
            Terminal.exit(0)
        }
        if let problem = ProcessLimits.problem() {
            Terminal.write("pentimento: \(problem)", to: .error)
            Terminal.exitAtOnce(1)
        }
        do {
            try command.run()
        } catch let interruption as Interruption {
            Terminal.write("pentimento: \(interruption)", to: .error)
            Terminal.exit(128 + interruption.signal)
        } catch let code as ExitCode {
            Terminal.exit(code.rawValue)
        } catch let failure as ShotFailure {
            Terminal.write("pentimento: \(oneLine(failure))", to: .error)
            Terminal.exit(failure.code.rawValue)
        } catch  where exitCode(for: error).isSuccess {
            Terminal.write(fullMessage(for: error), to: .output)
        } catch {
            Terminal.write("pentimento: \(oneLine(error))", to: .error)
            Terminal.exit(1)
        }
        reportLostOutput()
    }

    private static func reportLostOutput() {
        guard let reason = Terminal.lostOutput else { return }
        Terminal.write("pentimento: standard output: cannot write: \(reason)", to: .error)
        Terminal.exit(1)
    }

    /// Initialises GStreamer and registers this program's elements, whether or not the plugin is installed.
    static func startElements() throws {
        startGStreamer()
        readPicturesOfAllFormats()
        guard registerPentimentoElements() else { throw MediaError("GStreamer refuses this program's elements") }
    }
}
