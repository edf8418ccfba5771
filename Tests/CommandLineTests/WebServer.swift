import Foundation
import Testing

/// A server of files at 127.0.0.1, for one request after the other.
final class WebServer: Sendable {
    /// A file, and whether its length is told.
    struct Content {
        let bytes: [UInt8]
        var hasLength = true
    }

    let port: UInt16
    private let socket: Int32

    /// - Parameter file: what is at a path.
    init(_ file: @escaping @Sendable (_ path: String) -> Content?) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0 && listen(socket, 8) == 0
            }
        }
        try #require(isBound)
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while case let client = accept(socket, nil, nil), client >= 0 {
                Self.answer(client, file)
                close(client)
            }
        }
    }

    deinit { shutdown(socket, Int32(SHUT_RDWR)) }

    private static func answer(_ client: Int32, _ file: (String) -> Content?) {
        var request: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !request.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
            let count = read(client, &chunk, chunk.count)
            guard count > 0 else { return }
            request += chunk[..<count]
        }
        let words = String(decoding: request, as: UTF8.self).split(separator: " ")
        let found = words.count > 1 ? file(String(words[1])) : nil
        let head = found.map { "200 OK\r\n" + ($0.hasLength ? "Content-Length: \($0.bytes.count)\r\n" : "") }
        var rest = Array("HTTP/1.0 \(head ?? "404 Not Found\r\n")\r\n".utf8)[...] + (found?.bytes ?? [])
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
