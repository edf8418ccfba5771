/// Takes requests out of what arrives on a connection, in pieces of any length.
struct HTTPRequestReader: Sendable {
    private var received: [UInt8] = []
    /// Bytes that hold no end of a head.
    private var searched = 0
    /// A request whose body is missing.
    private var incomplete: HTTPRequest?
    private var isExpected = false

    /// Whether nothing of the next request has come.
    var isIdle: Bool { received.isEmpty && incomplete == nil }

    mutating func add(_ bytes: [UInt8]) { received += bytes }

    /// Takes the next request; nil: more has to come.
    ///
    /// - Throws: what the other side has to be told; nothing more can be read then.
    mutating func next() throws(HTTPRequest.Problem) -> HTTPRequest? {
        if incomplete == nil { incomplete = try nextHead() }
        guard var request = incomplete else { return nil }
        guard received.count >= request.bodyLength else { return nil }
        request.body = Array(received[..<request.bodyLength])
        received.removeFirst(request.bodyLength)
        incomplete = nil
        return request
    }

    /// Whether the other side waits to be told that it may send the body. Says so once.
    mutating func takeExpectation() -> Bool {
        defer { isExpected = false }
        return isExpected && incomplete != nil
    }

    private mutating func nextHead() throws(HTTPRequest.Problem) -> HTTPRequest? {
        guard let end = endOfHead else {
            guard received.count <= HTTPRequest.largestHead else { throw Self.longHead }
            searched = max(received.count - 3, 0)
            return nil
        }
        guard end <= HTTPRequest.largestHead else { throw Self.longHead }
        let request = try HTTPRequest(head: received[..<end])
        received.removeFirst(end + 4)
        searched = 0
        isExpected = request.headers["expect"]?.lowercased() == "100-continue"
        return request
    }

    /// Index of the empty line's first byte.
    private var endOfHead: Int? {
        guard received.count >= searched + 4 else { return nil }
        for index in searched...received.count - 4
        where received[index] == 0x0D && received[index + 1] == 0x0A && received[index + 2] == 0x0D
            && received[index + 3] == 0x0A
        {
            return index
        }
        return nil
    }

    private static let longHead = HTTPRequest.Problem(
        status: 431, reason: "the head is longer than \(HTTPRequest.largestHead) bytes")
}
