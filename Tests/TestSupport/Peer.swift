import Foundation

/// Another program that a test compares with.
public enum Peer {
    /// What a program did not do.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs a program of ffmpeg's and returns what it writes to standard output.
    ///
    /// - Parameters:
    ///   - name: `ffmpeg` or `ffprobe`.
    ///   - options: separated by spaces, before `arguments`.
    /// - Throws: if it fails.
    public static func run(_ name: String, _ options: String = "", _ arguments: [String] = []) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name, "-v", "error"] + options.split(separator: " ").map(String.init) + arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(name) \(options) \(arguments)") }
        return data
    }

    /// As ``run(_:_:_:)``, as text.
    public static func text(_ name: String, _ options: String = "", _ arguments: [String] = []) throws -> String {
        String(decoding: try run(name, options, arguments), as: UTF8.self)
    }
}
