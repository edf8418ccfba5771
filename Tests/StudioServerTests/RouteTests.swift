import Foundation
import Studio
import StudioServer
import Synchronization
import TestSupport
import Testing

@Suite struct RouteTests {
    @Test func theStateIsReadAndChanged() async throws {
        let studio = try TestServer()
        #expect(try await studio.ask("GET", "/state").snapshot.state == StudioState())
        let answer = try await studio.ask("PATCH", "/state", #"{"style": "great-wave", "strength": 0.5}"#)
        #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
        let state = try answer.snapshot.state
        #expect(state.style == "great-wave" && state.strength == 0.5 && studio.painting.state == state)

        let wrong = try await studio.ask("PATCH", "/state", #"{"style": "grate-wave", "strength": 1}"#)
        #expect(wrong.status == 400 && wrong.error.contains(#"the nearest is "great-wave""#))
        // All of a change is made, or nothing.
        #expect(studio.painting.state == state)
    }

    @Test(arguments: [
        ("GET", "/nothing", "", 404), ("GET", "/../etc/passwd", "", 404), ("GET", "/%2e%2e/%2e%2e/etc/passwd", "", 404),
        ("GET", "//etc/passwd", "", 404), ("GET", "/thumbnails/..%2f..%2fetc%2fpasswd.jpg", "", 404),
        ("GET", "/thumbnails/none.jpg", "", 404), ("GET", "/thumbnails/.jpg", "", 404), ("DELETE", "/state", "", 405),
        ("PATCH", "/state", "{", 400), ("PATCH", "/state?when=never", "{}", 400),
        ("GET", "/presets/none", "", 404), ("POST", "/presets/none/apply", "", 404),
        ("DELETE", "/presets/none", "", 404),
        ("PUT", "/presets/a%2Fb", "", 400), ("PUT", "/presets/..", "", 400), ("PUT", "/presets/", "", 404),
        ("PUT", "/presets/a", "{\"strength\": 3}", 400), ("GET", "/state/", "", 404), ("TRACE", "/", "", 405),
    ])
    func whatIsNotThereIsRefused(_ method: String, _ path: String, _ body: String, _ status: Int) async throws {
        let studio = try TestServer()
        let answer = try await studio.ask(method, path, body)
        #expect(answer.status == status && !answer.error.isEmpty, "\(method) \(path): \(answer.status) \(answer.text)")
        #expect(studio.store.snapshot.version == 0)
    }

    @Test func presetsAreKeptAndApplied() async throws {
        let studio = try TestServer()
        _ = try await studio.ask("PATCH", "/state", #"{"brush": 2, "style": "starry-night"}"#)
        #expect(try await studio.ask("PUT", "/presets/late%20night").text.contains("late night"))
        #expect(try await studio.ask("PUT", "/presets/soft", #"{"strength": 0.25}"#).status == 200)
        #expect(try await studio.ask("GET", "/presets").text == "[\"late night\",\"soft\"]\n")
        #expect(try await studio.ask("GET", "/presets/soft").text == "{\"strength\":0.25}\n")
        _ = try await studio.ask("PATCH", "/state", #"{"brush": 1, "style": "scream"}"#)
        _ = try await studio.ask("POST", "/presets/soft/apply")
        let state = try await studio.ask("POST", "/presets/late%20night/apply").snapshot.state
        #expect(state.brush == 2 && state.style == "starry-night" && state.strength == 1)
        #expect(try await studio.ask("DELETE", "/presets/soft").text == "[\"late night\"]\n")
    }

    @Test func thePageAndTheListsAreServed() async throws {
        let studio = try TestServer()
        let page = try await studio.ask("GET", "/")
        #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
        // It loads nothing from elsewhere.
        #expect(!page.text.contains(/(src|href)="(https?:)?\/\//) && page.text.contains("</html>"))
        #expect(try await studio.ask("GET", "/styles").text.contains(#""name":"great-wave""#))
        #expect(try await studio.ask("GET", "/masks").text == "[\"face.png\",\"stage.png\"]\n")
        #expect(try await studio.ask("GET", "/osc").text.contains(#""address":"/pentimento/strength""#))
        #expect(try await studio.ask("GET", "/statistics").text.contains(#""frameRate":24"#))
    }

    /// The description has the routes and fields that there are, and no others.
    @Test func theDescriptionIsTrue() async throws {
        typealias Object = [String: Any]
        let studio = try TestServer()
        let data = Data(try await studio.ask("GET", "/openapi.json").body)
        let text = try #require(try JSONSerialization.jsonObject(with: data) as? Object)
        let paths = try #require(text["paths"] as? [String: Object])
        let described = paths.flatMap { path, methods in
            methods.keys.filter { $0 != "parameters" }.map { "\($0.uppercased()) \(path)" }
        }
        #expect(Set(described) == Set(studio.server.routeNames))
        let schemas = try #require((text["components"] as? Object)?["schemas"] as? [String: Object])
        let fields = try #require(schemas["Change"]?["properties"] as? [String: Object])
        #expect(Set(fields.keys) == Set(StudioField.allCases.map(\.rawValue)))
        for field in StudioField.allCases {
            let ends = field.range.map { [$0.lowerBound, $0.upperBound] } ?? []
            let described = ["minimum", "maximum"].compactMap { fields[field.rawValue]?[$0] as? Double }
            #expect(described == ends, "\(field)")
        }
    }

    @Test func snapshotsAndTapsAreTaken() async throws {
        let studio = try TestServer()
        #expect(try await studio.ask("POST", "/snapshot").text.contains("/pictures/painting-1.png"))
        #expect(try await studio.ask("PATCH", "/state", #"{"bpm": 300}"#).snapshot.tempo.beatsPerMinute == 300)
        let clock = Mutex(10.0)
        let tapped = try TestServer(now: { clock.withLock { $0 } })
        _ = try await tapped.ask("POST", "/tap")
        clock.withLock { $0 += 0.75 }
        #expect(try await tapped.ask("POST", "/tap").snapshot.tempo.beatsPerMinute == 80)
        #expect(try await studio.ask("PATCH", "/state?when=bar", #"{"strength": 0.5}"#).snapshot.isWaiting)
        #expect(try await eventually { studio.painting.state.strength == 0.5 })

        let failing = try TestServer(fails: true)
        let answer = try await failing.ask("POST", "/snapshot")
        #expect(answer.status == 500 && answer.error == "no frame has come yet")
        #expect(try await failing.ask("GET", "/thumbnails/scream.jpg").status == 503)
    }

    @Test func thumbnailsAreKept() async throws {
        let studio = try TestServer()
        for _ in 0..<3 {
            let answer = try await studio.ask("GET", "/thumbnails/scream.jpg?at=1")
            #expect(answer.headers["content-type"] == "image/jpeg")
            #expect(answer.body == studio.painting.picture(of: StudioState()))
        }
        _ = try await studio.ask("GET", "/thumbnails/great-wave.jpg")
        #expect(studio.painting.content.withLock { $0.thumbnails } == ["scream", "great-wave"])
    }

    /// Several requests on one connection, also sent at once.
    @Test func aConnectionIsUsedAgain() async throws {
        let studio = try TestServer()
        let port = studio.port
        let answers = try await onThread {
            let connection = try Connection(port: port)
            let request = "PATCH /state HTTP/1.1\r\nHost: localhost:\(port)\r\nContent-Length: 17\r\n"
            try connection.send(request + "\r\n{\"strength\": 0.5}" + request)
            let first = connection.read(until: "isWaiting")
            try connection.send("Connection: close\r\n\r\n{\"strength\": 0.7}")
            return String(decoding: first + connection.readAll(), as: UTF8.self)
        }
        #expect(answers.matches(of: /HTTP\/1.1 200 OK/).count == 2)
        #expect(studio.painting.state.strength == 0.7)
    }

    @Test func eventsTellOfChanges() async throws {
        let studio = try TestServer()
        let (port, store) = (studio.port, studio.store)
        let text = try await onThread {
            let connection = try Connection(port: port)
            try connection.send("GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
            var all = connection.read(until: "event: statistics")
            try store.change(StateChange(.strength, .number(0.125)))
            all += connection.read(until: "\"strength\":0.125")
            all += connection.read(until: "event: statistics")
            return String(decoding: all, as: UTF8.self)
        }
        #expect(text.contains("Content-Type: text/event-stream\r\n"))
        #expect(text.contains("\"strength\":1") && text.contains("\"strength\":0.125"))
        #expect(text.contains("event: statistics\ndata: {\"delay\":0.062"))
    }

    /// The stream of the painting is open as long as someone watches, once for all.
    @Test func thePreviewIsShared() async throws {
        let studio = try TestServer()
        let port = studio.port
        func open() -> Int { studio.painting.content.withLock { $0.openPreviews } }
        #expect(open() == 0)
        let one = try await watch(port)
        let two = try await watch(port)
        #expect(open() == 1)
        // It follows the state.
        try studio.store.change(StateChange(.style, .text("great-wave")))
        let wave = studio.painting.picture(of: studio.store.snapshot.state)
        #expect(try await onThread { two.contains(wave) })
        one.stop()
        try await Task.sleep(for: .milliseconds(300))
        #expect(open() == 1)
        two.stop()
        #expect(try await eventually { studio.painting.content.withLock { $0.openPreviews } == 0 })
        #expect(studio.painting.content.withLock { $0.mostPreviews } == 1)
    }

    @Test func picturesComeOneByOne() async throws {
        let studio = try TestServer()
        let first = try await studio.ask("GET", "/preview.jpg?after=")
        #expect(
            first.headers["content-type"] == "image/jpeg" && first.body == studio.painting.picture(of: StudioState()))
        let number = try #require(first.headers["picture"].flatMap { Int($0) })
        let second = try await studio.ask("GET", "/preview.jpg?after=\(number)")
        #expect(try #require(second.headers["picture"].flatMap { Int($0) }) > number)
        #expect(studio.painting.content.withLock { $0.mostPreviews } == 1)
        #expect(try await eventually { studio.painting.content.withLock { $0.openPreviews } == 0 })
    }

    private func watch(_ port: Int) async throws -> Viewer {
        try await onThread { try Viewer(port: port) }
    }

    /// Someone who watches the preview.
    private final class Viewer: Sendable {
        private let connection: Connection

        init(port: Int) throws {
            connection = try Connection(port: port)
            try connection.send("GET /preview.mjpg HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
            let start = connection.read(until: "Content-Type: image/jpeg\r\n")
            #expect(String(decoding: start, as: UTF8.self).contains("multipart/x-mixed-replace; boundary=picture"))
        }

        func contains(_ picture: [UInt8]) -> Bool {
            let (needle, deadline) = (Data(picture), Date(timeIntervalSinceNow: 30))
            var seen = Data()
            while Date() < deadline {
                let bytes = connection.read()
                if bytes.isEmpty { return false }
                seen.append(contentsOf: bytes)
                if seen.range(of: needle) != nil { return true }
            }
            return false
        }

        func stop() { connection.end() }
    }
}
