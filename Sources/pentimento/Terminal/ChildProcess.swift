import Glibc
import MediaIO
import Support

/// Runs other programs. Foundation's `Process` would need all of Foundation, ten times the size of this program.
enum ChildProcess {
    struct Outcome {
        let status: Int32
        let errors: String
    }

    /// Runs a program from PATH without input and waits for its end. Its standard output goes to standard error.
    ///
    /// It runs in the caller's working directory, so an interpreter must be told not to load modules from there.
    ///
    /// - Parameters:
    ///   - folder: where its standard error is stored.
    ///   - isCancelled: polled 20 times a second; if true, the program gets SIGTERM and after a second SIGKILL.
    /// - Throws: `MediaError` if the program cannot be run.
    static func run(
        _ program: String, _ arguments: [String], in folder: PrivateFolder, isCancelled: () -> Bool
    ) throws(MediaError) -> Outcome {
        let errors = "\(folder.path)/errors"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Restores the default action of the signals that this program ignores.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGPIPE, SIGXFSZ] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        var child = pid_t()
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let failure = posix_spawnp(&child, program, &actions, &attributes, &words, environ)
        guard failure == 0 else { throw MediaError("\(program) cannot be run: \(String(cString: strerror(failure)))") }
        let status = wait(for: child, isCancelled: isCancelled)
        let text = (try? Files.read(errors, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return Outcome(status: code, errors: text)
    }

    private static func wait(for child: pid_t, isCancelled: () -> Bool) -> Int32 {
        var status: Int32 = 0
        var polls = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child || ended < 0 && errno != EINTR { return status }
            if isCancelled() {
                if polls == 0 || polls == 20 { kill(child, polls == 0 ? SIGTERM : SIGKILL) }
                polls += 1
            }
            usleep(50_000)
        }
    }
}
