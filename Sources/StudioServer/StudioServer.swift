import FlyingSocks
import Studio
import Support
import Synchronization

/// Serves the page and the state over HTTP.
package struct StudioServer: Sendable {
    /// Where the server listens, and what the page costs.
    package struct Configuration: Sendable {
        /// An IP address of this machine; `0.0.0.0`: all of them. Any but the loopback needs a token, which is in
        /// ``StudioServer/addresses``.
        package var address = "127.0.0.1"
        /// 0: a free one.
        package var port = 8766
        /// Width of the pictures that the page shows, at most, and how many a second.
        package var previewWidth = 720
        package var previewRate = 12
        package var thumbnailWidth = 200

        package init() {}
    }

    /// Addresses of the page, with the token where one is needed; known before ``run()``.
    package let addresses: [String]
    private let listener: HTTPListener
    private let gate: Gate
    private let routes: Routes

    /// The port at which it listens.
    package var port: Int { listener.place.port }

    /// Opens the port.
    ///
    /// - Throws: ``StudioError`` if the port is in use, or the address is none of this machine's.
    package init(
        store: StudioStateStore, painting: any LivePainting, configuration: Configuration = Configuration()
    ) throws(StudioError) {
        listener = try HTTPListener(address: configuration.address, port: configuration.port)
        let (host, port) = listener.place
        let isLoopback = host == "::1" || host.hasPrefix("127.")
        let isAny = host == "0.0.0.0" || host == "::"
        let token = isLoopback ? nil : Gate.randomToken()
        let hosts = isAny ? MachineNames.addresses.filter { host == "::" || !$0.contains(":") } : [host]
        // Browsers take localhost and 127.0.0.1 for one machine, and the machine's name for its address.
        gate = Gate(
            hosts: Set(hosts + ["localhost"] + (isLoopback ? ["127.0.0.1", "::1"] : MachineNames.names)), token: token,
            port: port)
        addresses = hosts.filter { !$0.hasPrefix("fe80:") }.map { host in
            let name = host.contains(":") ? "[\(host)]" : host
            return "http://\(name):\(port)/" + (token.map { "?token=\($0)" } ?? "")
        }
        routes = Routes(
            store: store, painting: painting,
            previews: PreviewHub(
                painting: painting, width: configuration.previewWidth, rate: configuration.previewRate),
            thumbnails: Thumbnails(painting: painting, width: configuration.thumbnailWidth))
    }

    /// Answers until the task is cancelled, then closes the port.
    package func run() async {
        await listener.run { await answer($0) }
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        switch gate.verdict(on: request) {
        case .refused(let status, let reason): return .problem(status, reason)
        case .pass(let cookie):
            var response = await routes.answer(request)
            if let cookie { response.headers.append(("Set-Cookie", cookie)) }
            return response
        }
    }

    /// What is answered on a connection, without one: to see what damaged bytes do.
    ///
    /// - Parameters:
    ///   - bytes: all that the other side sends.
    ///   - piece: bytes that arrive at a time.
    ///   - most: pieces of an answer without end that are taken.
    package func answers(to bytes: [UInt8], piece: Int, most: Int) async -> [UInt8] {
        var (reader, rest) = (HTTPRequestReader(), bytes[...])
        let sent = SentBytes()
        do {
            while !rest.isEmpty {
                reader.add(Array(rest.prefix(max(piece, 1))))
                rest = rest.dropFirst(max(piece, 1))
                while let request = try reader.next() {
                    let response = await answer(request)
                    sent.add(response.head(keepsAlive: request.keepsAlive))
                    switch response.body {
                    case .bytes(let body):
                        sent.add(body)
                        if !request.keepsAlive { return sent.all }
                    case .stream(let stream):
                        let end = sent.pieces + most
                        try await stream { bytes in
                            sent.add(bytes)
                            if sent.pieces >= end { throw CancellationError() }
                        }
                        return sent.all
                    }
                }
            }
        } catch let problem as HTTPRequest.Problem {
            let response = HTTPResponse.problem(problem.status, problem.reason)
            sent.add(response.head(keepsAlive: false))
            if case .bytes(let body) = response.body { sent.add(body) }
        } catch {}
        return sent.all
    }

    /// Methods and paths that are answered, such as `GET /state`.
    package var routeNames: [String] { routes.all.map { "\($0.method) \($0.path)" } }
}

/// What was sent, in pieces.
private final class SentBytes: Sendable {
    private let state = Mutex<(all: [UInt8], pieces: Int)>(([], 0))

    var all: [UInt8] { state.withLock { $0.all } }
    var pieces: Int { state.withLock { $0.pieces } }

    func add(_ bytes: [UInt8]) {
        state.withLock { state in
            state.all += bytes
            state.pieces += 1
        }
    }
}
