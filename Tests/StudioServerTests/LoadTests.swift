import Foundation
import Studio
import TestSupport
import Testing

/// Many who look, and some who do not read what they asked for.
@Suite struct LoadTests {
    private static func ask(_ connection: Connection, _ path: String, _ port: Int) throws {
        try connection.send("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\n\r\n")
    }

    /// A hundred pages, opened and closed, leave nothing open, and the next one gets all it asks for.
    @Test func pagesLeaveNothing() async throws {
        let studio = try TestServer()
        let port = studio.port
        try await onThread {
            for _ in 0..<100 {
                let page = try ["/events", "/preview.mjpg", "/preview.jpg?after="].map { path in
                    let connection = try Connection(port: port)
                    try Self.ask(connection, path, port)
                    return connection
                }
                #expect(page.allSatisfy { !$0.read().isEmpty })
            }
        }
        #expect(try await eventually { studio.painting.content.withLock { $0.openPreviews } == 0 })
        #expect(studio.painting.content.withLock { $0.mostPreviews } == 1)
        #expect(try await studio.ask("GET", "/preview.jpg?after=").status == 200)
    }

    /// Those who do not read hold up nobody.
    @Test func slowReadersHoldUpNobody() async throws {
        let studio = try TestServer()
        let port = studio.port
        try await onThread {
            let slow = try (0..<20).map { index in
                let connection = try Connection(port: port)
                try Self.ask(connection, index % 2 == 0 ? "/preview.mjpg" : "/events", port)
                return connection
            }
            let page = try Connection(port: port)
            try Self.ask(page, "/events", port)
            for step in 1...50 {
                try studio.store.change(StateChange(.strength, .number(Double(step) / 64)))
                _ = page.read(until: "\"strength\":\(Double(step) / 64)")
            }
            #expect(slow.allSatisfy { !$0.isEnded(waiting: false) })
        }
        #expect(try await studio.ask("GET", "/preview.jpg?after=").status == 200)
    }
}
