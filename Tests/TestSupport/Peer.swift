import Foundation

/// Another program that a test compares with.
public enum Peer {
    /// Runs a program of ffmpeg's and returns what it writes to standard output.
    ///
    /// - Parameters:
    ///   - name: `ffmpeg` or `ffprobe`.
    ///   - options: separated by spaces, before `arguments`.
    /// - Throws: if it fails.
    public static func run(_ name: String, _ options: String = "", _ arguments: [String] = []) throws -> Data {
        let words = ["-v", "error"] + options.split(separator: " ").map(String.init) + arguments
        let process = try ChildProcess(name, words)
        guard process.wait() == .exited(0) else {
            throw ChildProcess.Failure(description: "\(name) \(options) \(arguments): \(process.errors)")
        }
        return Data(process.output)
    }

    /// As ``run(_:_:_:)``, as text.
    public static func text(_ name: String, _ options: String = "", _ arguments: [String] = []) throws -> String {
        String(decoding: try run(name, options, arguments), as: UTF8.self)
    }
}
