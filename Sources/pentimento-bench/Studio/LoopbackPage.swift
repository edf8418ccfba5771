import Dispatch
import Glibc
import Synchronization

/// Takes what the page of the studio takes: the events, and one picture of the preview after the other.
final class LoopbackPage: Sendable {
    private let sockets: [Int32]
    private let work = DispatchGroup()
    private let taken = Counter()

    private final class Counter: Sendable { let value = Atomic<Int>(0) }

    /// Pictures that have come.
    var pictures: Int { taken.value.load(ordering: .relaxed) }

    /// Opens it.
    init(port: Int) throws {
        let sockets = try (0..<2).map { _ in try Self.connected(to: port) }
        self.sockets = sockets
        DispatchQueue(label: "events").async(group: work) {
            Self.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", to: sockets[0])
            while !Self.read(sockets[0]).isEmpty {}
        }
        let taken = taken
        DispatchQueue(label: "preview").async(group: work) {
            var last = ""
            while let number = Self.picture(after: last, of: sockets[1]) {
                last = number
                taken.value.add(1, ordering: .relaxed)
            }
        }
    }

    /// Closes it, and waits until nothing more is taken.
    func close() {
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        work.wait()
        for socket in sockets { Glibc.close(socket) }
    }

    /// Takes the next picture.
    ///
    /// - Returns: its number; nil at the end of the connection.
    private static func picture(after number: String, of socket: Int32) -> String? {
        send("GET /preview.jpg?after=\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n", to: socket)
        var (head, body): (String?, Int) = (nil, 0)
        var bytes: [UInt8] = []
        while true {
            let more = read(socket)
            if more.isEmpty { return nil }
            bytes += more
            if head == nil, let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) })
            {
                head = String(decoding: bytes[..<end], as: UTF8.self)
                body = end + 4
            }
            guard let head else { continue }
            if bytes.count - body >= Int(field("Content-Length", of: head) ?? "") ?? 0 {
                return field("Picture", of: head)
            }
        }
    }

    private static func field(_ name: String, of head: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    private static func connected(to port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchmarkError("the studio does not answer at port \(port)") }
        return socket
    }

    private static func send(_ text: String, to socket: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Empty at the end.
    private static func read(_ socket: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 16) { bytes, count in
            count = max(0, recv(socket, bytes.baseAddress, bytes.count, 0))
        }
    }
}
