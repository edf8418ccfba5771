import Foundation
import Testing

/// What other programs say about pictures.
enum PictureTools {
    /// What a program, such as ffmpeg, writes to standard output.
    static func peer(_ name: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name, "-v", "error"] + arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name) \(arguments)")
        return data
    }

    /// The samples of a picture as ffmpeg reads them: red, green, blue and alpha.
    static func pixels(of path: String) throws -> [UInt8] {
        try [UInt8](peer("ffmpeg", ["-i", path, "-f", "rawvideo", "-pix_fmt", "rgba", "-"]))
    }

    static func bytes(_ base64: some StringProtocol) -> [UInt8] {
        Data(base64Encoded: String(base64)).map(Array.init) ?? []
    }
}
