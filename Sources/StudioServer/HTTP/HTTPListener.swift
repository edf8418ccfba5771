import FlyingSocks
import Glibc
import Studio

/// Listens on a port and serves each connection.
///
/// FlyingFox's own server reads heads of any length, counts no connections, and ends when it cannot accept one. So its
/// sockets alone are used.
struct HTTPListener: Sendable {
    private let socket: Socket
    private let sockets = OpenSockets(limit: 64)

    /// - Parameters:
    ///   - address: an IPv4 or IPv6 address.
    ///   - port: 0: a free one.
    /// - Throws: ``StudioError`` if it cannot listen there.
    init(address: String, port: Int) throws(StudioError) {
        guard let port = UInt16(exactly: port) else { throw StudioError("--port \(port): give a number up to 65535") }
        do {
            if let ip4 = try? sockaddr_in.inet(ip4: address, port: port) {
                socket = try Self.listening(on: ip4)
            } else if let ip6 = try? sockaddr_in6.inet6(ip6: address, port: port) {
                socket = try Self.listening(on: ip6)
            } else {
                throw StudioError("--listen \(address): give an IP address of this machine, or 0.0.0.0 for all")
            }
        } catch let error as StudioError { throw error } catch {
            throw Self.problem(error, address: address, port: port)
        }
    }

    /// Address and port at which it listens.
    var place: (host: String, port: Int) {
        switch try? socket.sockname() {
        case .ip4(let host, let port), .ip6(let host, let port): (host, Int(port))
        default: ("", 0)
        }
    }

    private static func listening(on address: some SocketAddress) throws -> Socket {
        let socket = try Socket(domain: Int32(address.family))
        do {
            try socket.setValue(true, for: .localAddressReuse)
            _ = fcntl(socket.file.rawValue, F_SETFD, FD_CLOEXEC)
            try socket.bind(to: address)
        } catch {
            try? socket.close()
            throw error
        }
        try socket.listen(maxPendingConnection: 64)
        return socket
    }

    private static func problem(_ error: any Error, address: String, port: UInt16) -> StudioError {
        guard case SocketError.failed(_, let code, let message) = error else {
            return StudioError("\(address): \(error)")
        }
        switch code {
        case EADDRINUSE:
            return StudioError(
                "port \(port) of \(address) is in use, maybe by another `pentimento live`; end it, or choose another "
                    + "with --port, 0 for any that is free")
        case EADDRNOTAVAIL:
            return StudioError("--listen \(address): this machine has no such address; 0.0.0.0 stands for all it has")
        case EACCES:
            return StudioError("port \(port) needs rights; choose one from 1024 on with --port")
        default: return StudioError("cannot listen on port \(port) of \(address): \(message)")
        }
    }

    /// Serves until the task is cancelled, then closes the port.
    func run(_ handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse) async {
        let pool = SocketPool<Poll>.make()
        defer { try? socket.close() }
        do { try await pool.prepare() } catch { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await pool.run() }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(0.5))) != nil { sockets.endLate() }
            }
            group.addTask { await accept(pool, handler) }
            await group.next()
            group.cancelAll()
        }
    }

    private func accept(
        _ pool: some AsyncSocketPool, _ handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) async {
        guard let listening = try? AsyncSocket(socket: socket, pool: pool) else { return }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                guard let connection = try? await listening.accept() else {
                    // No file descriptors are left, or the other side went at once.
                    try? await Task.sleep(for: .seconds(0.1))
                    continue
                }
                let file = connection.socket.file.rawValue
                guard sockets.add(file, seconds: 10) else {
                    try? connection.close()
                    continue
                }
                _ = fcntl(file, F_SETFD, FD_CLOEXEC)
                var on: Int32 = 1
                setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                group.addTask {
                    await HTTPConnection(socket: connection, sockets: sockets, handler: handler).serve()
                    sockets.remove(file)
                    try? connection.close()
                }
            }
        }
    }
}
