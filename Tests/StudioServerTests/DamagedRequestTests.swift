import Foundation
import Studio
import StudioServer
import Support
import TestSupport
import Testing

@Suite struct DamagedRequestTests {
    @Test(arguments: [
        ("\r\n\r\n", 400), ("GET\r\n\r\n", 400), ("GET / HTTP/1.1 x\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 505),
        ("GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("G@T / HTTP/1.1\r\n\r\n", 400),
        ("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("GET /state HTTP/1.1\r\n\r\n", 403),
        ("GET /state HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /state HTTP/1.1\r\nHost : localhost\r\n\r\n", 400), ("GET /state HTTP/1.1\r\n: localhost\r\n\r\n", 400),
        ("GET /state HTTP/1.1\r\nHost: localhost\nOrigin: x\r\n\r\n", 400),
        ("PATCH /state HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        ("PATCH /state HTTP/1.1\r\nHost: localhost\r\nContent-Length: +2\r\n\r\n{}", 400),
        ("PATCH /state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        ("PATCH /state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n{}", 400),
        ("PATCH /state HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411),
        ("GET /state HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
    ])
    func requestsAreChecked(_ request: String, _ status: Int) async throws {
        let studio = try TestServer()
        let answer = try await studio.send(Array(request.utf8))
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.headers["connection"] == "close")
    }

    /// Thousands of damaged requests and bodies; the server goes on answering, and states stay within their ranges.
    @Test func damageStopsNothing() async throws {
        let studio = try TestServer()
        let port = studio.port
        try await onThread {
            var random = SplitMix(seed: 20)
            for round in 0..<60 {
                let connection = try Connection(port: port)
                // Many on one connection, until one of them ends it.
                var bytes: [UInt8] = []
                for _ in 0..<50 { bytes += Self.damaged(Self.request(port, &random), &random) }
                try connection.send(bytes)
                connection.end()
                _ = connection.readAll()
                guard round % 10 == 0 else { continue }
                let other = try Connection(port: port)
                try other.send("GET /state HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n")
                #expect(Answer(other.readAll()).status == 200)
            }
        }
        for state in studio.painting.content.withLock({ $0.states }) {
            for field in StudioField.allCases {
                guard case .number(let number) = field.value(in: state), let range = field.range else { continue }
                #expect(range.contains(number), "\(field): \(number)")
            }
            #expect(StandInPainting.names.contains(state.style))
        }
    }

    @Test func damagedJSONIsRefused() {
        var random = SplitMix(seed: 7)
        let whole = StudioJSON.encode(StateChange(StudioState()))
        var taken = 0
        for _ in 0..<20_000 {
            let json = Self.damaged(whole, &random)
            if (try? StateChange(json: json)) != nil { taken += 1 }
            _ = try? CueList(json: Array("[{\"at\":1,\"change\":".utf8) + json + Array("}]".utf8))
        }
        #expect(taken < 20_000)
        for deep in ["[", "{\"style\":", "{\"strength\":["] {
            #expect((try? StateChange(json: Array(String(repeating: deep, count: 10_000).utf8))) == nil)
        }
    }

    private static func request(_ port: Int, _ random: inout SplitMix) -> [UInt8] {
        let body = [
            #"{"strength": 0.5}"#, #"{"style": "great-wave", "blend": 0.25}"#, #"{"isOriginal": false, "fade": 3}"#, "",
        ][random.below(4)]
        let line = [
            "PATCH /state", "PATCH /state?when=beat", "GET /state", "GET /styles", "POST /tap", "GET /presets",
            "GET /openapi.json", "GET /thumbnails/scream.jpg", "POST /presets/a%20b/apply",
        ][random.below(9)]
        return Array(
            "\(line) HTTP/1.1\r\nHost: localhost:\(port)\r\nContent-Length: \(body.utf8.count)\r\nCookie: a=b\r\n\r\n\(body)"
                .utf8)
    }

    /// Some bytes changed, removed, repeated or cut off; sometimes none.
    private static func damaged(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<random.below(4) where !bytes.isEmpty {
            let index = random.below(bytes.count)
            switch random.below(6) {
            case 0: bytes[index] = UInt8(random.below(256))
            case 1: bytes[index] ^= UInt8(1 << random.below(8))
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(Array("{}[]\",:0-e. \r\n%/?=&".utf8)[random.below(19)], at: index)
            case 4: bytes.insert(contentsOf: bytes[index..<min(index + 12, bytes.count)], at: index)
            default: bytes.removeSubrange(index..<min(index + 6, bytes.count))
            }
        }
        return bytes
    }
}

extension SplitMix {
    /// 0 to `limit` - 1.
    fileprivate mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}
