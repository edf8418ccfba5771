import CGStreamer
import GStreamerKit
import Glibc

/// A watchdog that ends the process if a case makes no progress.
enum PipelineWatch {
    private struct State {
        var seed: UInt64?
        var chain = ""
        var start: gint64 = 0
        var isRunning = false
    }

    private static let state = Monitor(State())

    /// Starts watching the case of a seed.
    static func begin(seed: UInt64, _ chain: String) {
        let isNew = state.update { state in
            defer { state = State(seed: seed, chain: chain, start: g_get_monotonic_time(), isRunning: true) }
            return !state.isRunning
        }
        if isNew { g_thread_unref(g_thread_new("watch", { _ in PipelineWatch.watch() }, nil)) }
    }

    /// Stops watching.
    static func end() { state.update { $0.seed = nil } }

    private static func watch() -> gpointer? {
        while true {
            g_usleep(500_000)
            let hung = state.update { state -> (seed: UInt64, chain: String)? in
                let time = g_get_monotonic_time() - state.start
                guard time > gint64(PipelineFuzzer.timeout * 1_000_000), let seed = state.seed else { return nil }
                return (seed, state.chain)
            }
            guard let hung else { continue }
            let text = Array("pentimento-fuzz: seed \(hung.seed) makes no progress: \(hung.chain)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            abort()
        }
    }
}

/// Collects critical log messages of GLib and GStreamer, which show misuse of their API.
enum GLibMistakes {
    private static let found = Monitor<[String]>([])

    static var first: String? { found.update { $0.first } }

    static func forget() { found.update { $0 = [] } }

    /// Replaces the log handler that prints them.
    static func listen() {
        g_log_set_default_handler(
            { domain, level, message, _ in
                let text = "\(domain.map { String(cString: $0) } ?? ""): \(message.map { String(cString: $0) } ?? "")"
                if level.rawValue & G_LOG_LEVEL_CRITICAL.rawValue != 0 { GLibMistakes.found.update { $0.append(text) } }
            }, nil)
    }
}
