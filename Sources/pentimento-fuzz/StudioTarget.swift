import Dispatch
import Glibc
import Studio
import StudioServer
import Support

/// What a browser or a program sends to the studio over HTTP, as the bytes of one connection, and the events it gets.
let studioTarget = FunctionTarget(
    name: "http",
    words: [
        "GET ", "PATCH ", "PUT ", "POST ", "DELETE ", " HTTP/1.1\r\n", "Host: localhost\r\n", "\r\n\r\n",
        "Content-Length: ", "Expect: 100-continue\r\n", "Origin: ", "Connection: close\r\n", "/state", "/events",
        "/presets/", "/apply", "/thumbnails/", "/preview.jpg?after=", "?when=beat", "?token=", "%2f", "%00", "{\"",
        "\":", "style", "secondStyle", "strength", "bpm", "mask", "isOriginal", "great-wave", "0.5", "1e308", "true",
    ],
    makeSeeds: {
        let end = "\r\n\r\n"
        func request(_ line: String, _ body: String = "", _ headers: String = "") -> String {
            "\(line) HTTP/1.1\r\nHost: localhost\r\n\(headers)Content-Length: \(body.utf8.count)\(end)\(body)"
        }
        let change = request("PATCH /state", #"{"style": "great-wave", "strength": 0.5, "bpm": 90}"#)
        return [
            change + request("GET /state"),
            request("PUT /presets/a%20b") + "GET /events HTTP/1.1\r\nHost: localhost\(end)",
            request("PATCH /state?when=bar", #"{"secondStyle": "madonna", "blend": 0.25}"#) + request("POST /tap"),
            request("PUT /presets/%E2%80%A8", #"{"mask": "face.png", "isMasked": true}"#, "Expect: 100-continue\r\n"),
            request("POST /presets/a%20b/apply") + request("DELETE /presets/a%20b") + request("GET /presets"),
            request("GET /thumbnails/scream.jpg?at=1") + request("GET /preview.jpg?after=1") + request("GET /styles"),
            request("GET /", "", "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: a=b; c\r\n"),
        ].map { Array($0.utf8) }
    },
    body: { input in
        let done = DispatchSemaphore(value: 0)
        Task {
            let sent = await studio.answers(to: input, piece: Int(input.first ?? 1) * 7 + 1, most: 3)
            checkEvents(sent)
            done.signal()
        }
        done.wait()
    })

/// Whatever was sent, events stay whole: one line of JSON each.
private func checkEvents(_ sent: [UInt8]) {
    let text = String(decoding: sent, as: UTF8.self)
    guard let start = text.firstRange(of: "retry: 1000\n\n") else { return }
    for event in text[start.upperBound...].split(separator: "\n\n") {
        let lines = event.split(separator: "\n", omittingEmptySubsequences: false)
        precondition(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "), "\(event)")
        let json = Array(lines[1].dropFirst("data: ".count).utf8)
        precondition(
            (try? StudioJSON.decode(StudioSnapshot.self, from: json)) != nil
                || (try? StudioJSON.decode(LiveStatistics.self, from: json)) != nil, "\(event)")
    }
}

/// Opens a port, at which nothing is accepted.
private let studio: StudioServer = {
    do {
        let folder = try PrivateFolder()
        let painting = StillPainting()
        let presets = Presets(path: "\(folder.path)/presets.json")
        atexit { removeFolder() }
        kept = folder
        var configuration = StudioServer.Configuration()
        configuration.port = 0
        return try StudioServer(
            store: StudioStateStore(painting: painting, presets: presets), painting: painting,
            configuration: configuration)
    } catch { fatalError("\(error)") }
}()

nonisolated(unsafe) private var kept: PrivateFolder?
private func removeFolder() { kept = nil }

/// A painting that has one picture.
private final class StillPainting: LivePainting {
    let styles = [("scream", "munch"), ("madonna", "munch"), ("great-wave", "hokusai")].map {
        StudioStyle(name: $0.0, model: $0.1, title: "\($0.0), a painting")
    }
    let masks = ["face.png"]
    var statistics: LiveStatistics { LiveStatistics() }

    func apply(_ state: StudioState) {}
    func previews(width: Int, rate: Int) -> AsyncStream<[UInt8]> {
        AsyncStream(unfolding: {
            try? await Task.sleep(for: .milliseconds(1))
            return Task.isCancelled ? nil : [0xFF, 0xD8, 0xFF, 0xD9]
        })
    }
    func thumbnail(of style: String, width: Int) async throws -> [UInt8] { [0xFF, 0xD8, 0xFF, 0xD9] }
    func snapshot() async throws -> String { "painting.png" }
}
