import FlyingSocks
import FoundationEssentials
import Glibc

/// One connection: requests and their answers, one after the other.
struct HTTPConnection: Sendable {
    let socket: AsyncSocket
    let sockets: OpenSockets
    let handler: @Sendable (HTTPRequest) async -> HTTPResponse

    private var file: Int32 { socket.socket.file.rawValue }

    /// Seconds that the other side may take.
    private enum Patience {
        static let request = 10.0
        static let nextRequest = 60.0
        static let write = 10.0
        /// Streams send more often; answers are made in less.
        static let answer = 120.0
    }

    /// Returns when the connection is over; does not close the socket.
    func serve() async {
        var reader = HTTPRequestReader()
        while true {
            do {
                guard let request = try await nextRequest(from: &reader) else { return }
                sockets.allow(file, seconds: Patience.answer)
                guard try await send(handler(request), keepsAlive: request.keepsAlive) else { return }
            } catch let problem as HTTPRequest.Problem {
                _ = try? await send(.problem(problem.status, problem.reason), keepsAlive: false)
                await drain()
                return
            } catch { return }
        }
    }

    // MARK: - Reading

    /// - Returns: nil if the other side has ended the connection.
    private func nextRequest(from reader: inout HTTPRequestReader) async throws -> HTTPRequest? {
        sockets.allow(file, seconds: reader.isIdle ? Patience.nextRequest : Patience.request)
        while true {
            if let request = try reader.next() { return request }
            if reader.takeExpectation() {
                try await write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
                sockets.allow(file, seconds: Patience.request)
            }
            let isFirst = reader.isIdle
            guard let bytes = try await read() else { return nil }
            if isFirst { sockets.allow(file, seconds: Patience.request) }
            reader.add(bytes)
        }
    }

    /// - Returns: nil at the end.
    private func read() async throws -> [UInt8]? {
        do { return try await socket.read(atMost: 4096) } catch SocketError.disconnected { return nil }
    }

    /// Lets the other side read the answer before the connection is reset for what was not read of its request.
    private func drain() async {
        shutdown(file, Int32(SHUT_WR))
        sockets.allow(file, seconds: 1)
        var rest = 1 << 20
        while rest > 0, let bytes = try? await read() { rest -= bytes.count }
    }

    // MARK: - Writing

    private func write(_ bytes: [UInt8]) async throws {
        sockets.allow(file, seconds: Patience.write)
        try await socket.write(Data(bytes))
    }

    /// - Returns: whether the connection goes on.
    private func send(_ response: HTTPResponse, keepsAlive: Bool) async throws -> Bool {
        let head = response.head(keepsAlive: keepsAlive)
        switch response.body {
        case .bytes(let bytes):
            try await write(head + bytes)
            return keepsAlive
        case .stream(let stream):
            // Little is on its way to one who reads slowly, so that what comes is new.
            try? socket.socket.setValue(Int32(64 << 10), for: .sendBufferSize)
            try await write(head)
            await untilClosed {
                try await stream { bytes in
                    try await self.write(bytes)
                    self.sockets.allow(self.file, seconds: Patience.answer)
                }
            }
            return false
        }
    }

    /// Runs `body` until it returns or the other side goes.
    private func untilClosed(_ body: @escaping @Sendable () async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await body() }
            group.addTask { while let bytes = try? await self.read(), !bytes.isEmpty {} }
            await group.next()
            group.cancelAll()
        }
    }
}
