import Foundation
import TestSupport
import Testing

/// A program that sends a stream to 127.0.0.1, or waits there for one who takes it. It is killed with its object.
final class Sender {
    private let process: ChildProcess

    /// - Parameters:
    ///   - clip: sent as fast as it plays.
    ///   - options: of ffmpeg, separated by spaces, behind the clip.
    ///   - endless: whether the clip is repeated.
    init(_ clip: String, _ options: String, endless: Bool = false) throws {
        process = try Program.start(
            "ffmpeg",
            ["-v", "quiet", "-re"] + (endless ? ["-stream_loop", "-1"] : []) + ["-i", clip]
                + options.split(separator: " ").map(String.init))
    }

    deinit { kill() }

    /// Ends it without a farewell.
    func kill() { process.end(by: SIGKILL) }
}

/// Ports of 127.0.0.1.
enum Port {
    /// One that is free.
    static func free() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        try #require(isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Waits until a program listens at a port, without connecting to it.
    static func wait(for port: Int, while isRunning: () -> Bool = { true }) {
        let ending = String(format: ":%04X", port)
        for _ in 0..<1000 where isRunning() {
            for (table, state) in [("tcp", "0A"), ("udp", "07")] {
                let lines = (try? String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8)) ?? ""
                let isThere = lines.split(separator: "\n").contains { line in
                    let fields = line.split(separator: " ")
                    return fields.count > 3 && fields[1].hasSuffix(ending) && fields[3] == state
                }
                if isThere { return }
            }
            usleep(20_000)
        }
    }
}
