import Studio

/// An answer of HTTP/1.1.
struct HTTPResponse: Sendable {
    /// Sends bytes; returns when they are on their way.
    typealias Writer = @Sendable ([UInt8]) async throws -> Void

    enum Body: Sendable {
        case bytes([UInt8])
        /// Sent piece by piece, until the function returns or the other side goes. The connection ends with it.
        case stream(@Sendable (_ write: Writer) async throws -> Void)
    }

    var status = 200
    var headers: [(name: String, value: String)] = []
    var body: Body

    init(status: Int = 200, type: String, _ bytes: [UInt8]) {
        (self.status, body) = (status, .bytes(bytes))
        headers = [("Content-Type", type)]
    }

    init(type: String, stream: @escaping @Sendable (_ write: Writer) async throws -> Void) {
        body = .stream(stream)
        headers = [("Content-Type", type)]
    }

    static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, type: "application/json", StudioJSON.encode(value) + [0x0A])
    }

    static func problem(_ status: Int, _ reason: String) -> HTTPResponse { json(["error": reason], status: status) }

    /// The head, with its empty line.
    func head(keepsAlive: Bool) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status) \(Self.phrases[status] ?? "Error")"]
        lines += headers.map { "\($0.name): \($0.value)" }
        lines += Self.always
        if case .bytes(let bytes) = body { lines.append("Content-Length: \(bytes.count)") }
        if case .stream = body {
            lines.append("Connection: close")
        } else if !keepsAlive {
            lines.append("Connection: close")
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Other sites can neither embed nor read what is sent, and the page can load nothing from elsewhere.
    private static let always = [
        "Cache-Control: no-store", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
        "Cross-Origin-Resource-Policy: same-origin", "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; img-src 'self' data:; connect-src 'self'; "
            + "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'",
    ]

    private static let phrases = [
        200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
        413: "Content Too Large", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]
}
