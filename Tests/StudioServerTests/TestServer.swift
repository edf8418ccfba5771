import Foundation
import Studio
import StudioServer
import TestSupport
import Testing

/// A studio with a painting that stands in, at a free port of the loopback.
final class TestServer: Sendable {
    let painting: StandInPainting
    let store: StudioStateStore
    let server: StudioServer
    let folder: TemporaryFolder
    let port: Int
    private let task: Task<Void, Never>

    /// - Parameter now: the studio's clock, in seconds.
    init(
        address: String = "127.0.0.1", fails: Bool = false,
        now: @escaping @Sendable () -> Double = StudioStateStore.secondsSinceStart
    ) throws {
        painting = StandInPainting(fails: fails)
        folder = try TemporaryFolder()
        store = StudioStateStore(painting: painting, presets: Presets(path: folder.path("presets.json")), now: now)
        var configuration = StudioServer.Configuration()
        (configuration.address, configuration.port) = (address, 0)
        let server = try StudioServer(store: store, painting: painting, configuration: configuration)
        self.server = server
        port = try #require(server.addresses.first.flatMap { URL(string: $0)?.port })
        task = Task { await server.run() }
    }

    deinit { task.cancel() }

    /// Sends a request and returns the answer.
    func ask(_ method: String, _ path: String, _ body: String = "", headers: [String] = []) async throws -> Answer {
        let lines =
            ["\(method) \(path) HTTP/1.1"]
            + (headers.contains { $0.hasPrefix("Host:") } ? [] : ["Host: 127.0.0.1:\(port)"]) + headers
            + ["Content-Length: \(body.utf8.count)", "Connection: close"]
        return try await send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    /// Sends bytes and returns what comes back until the connection ends.
    func send(_ bytes: [UInt8]) async throws -> Answer {
        let port = port
        return try await onThread {
            let connection = try Connection(port: port)
            try connection.send(bytes)
            return Answer(connection.readAll())
        }
    }
}

/// What a server has answered.
struct Answer: Sendable {
    let status: Int
    /// By lowercase name.
    let headers: [String: String]
    let body: [UInt8]

    init(_ bytes: [UInt8]) {
        let end = bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) } ?? bytes.endIndex
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        headers = Dictionary(
            lines.dropFirst().compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)) : nil
            }, uniquingKeysWith: { $0 + ", " + $1 })
        body = Array(bytes[min(end + 4, bytes.endIndex)...])
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    var snapshot: StudioSnapshot { get throws { try StudioJSON.decode(StudioSnapshot.self, from: body) } }
    var error: String { ((try? StudioJSON.decode([String: String].self, from: body)) ?? [:])["error"] ?? "" }
}

/// A connection to a port of the loopback, for use on a thread that may wait.
final class Connection: @unchecked Sendable {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isOpen = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isOpen)
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            // The other side may have had enough.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Nothing follows.
    func end() { shutdown(socket, Int32(SHUT_WR)) }

    /// The next bytes; empty at the end.
    func read() -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(socket, &chunk, chunk.count)
        return Array(chunk[..<max(count, 0)])
    }

    /// Whether the other side has ended the connection.
    func isEnded(waiting: Bool) -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK) | (waiting ? 0 : Int32(MSG_DONTWAIT))) == 0
    }

    func readAll() -> [UInt8] {
        var all: [UInt8] = []
        while case let bytes = read(), !bytes.isEmpty { all += bytes }
        return all
    }

    /// What comes until a text is among it, or the end.
    func read(until text: String) -> [UInt8] {
        var all: [UInt8] = []
        while !String(decoding: all, as: UTF8.self).contains(text), case let bytes = read(), !bytes.isEmpty {
            all += bytes
        }
        return all
    }
}

/// Runs what waits on a thread of its own: the server needs those of the tests.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

/// Waits up to half a minute until something is so.
func eventually(_ condition: @Sendable () throws -> Bool) async throws -> Bool {
    for _ in 0..<600 {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}
