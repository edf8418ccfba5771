import Foundation
import Synchronization
import TestSupport
import Testing

/// Headless Chromium, driven by its own protocol (Chrome DevTools Protocol) over two pipes.
///
/// For use on a thread that may wait.
final class Browser: @unchecked Sendable {
    private let folder: TemporaryFolder
    private let process: ChildProcess
    private let commands: FileHandle
    private let answers: FileHandle
    private var received: [UInt8] = []
    private var searched = 0
    private var lastCommand = 0

    private static let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Skips the test where there is no browser.
    static func skipIfMissing() throws {
        if program == nil { try TestData.skip("no browser; install the Debian package chromium") }
    }

    init() throws {
        guard let program = Self.program else { throw Failure(description: "no browser") }
        folder = try TemporaryFolder()
        for name in ["commands", "answers"] { try #require(mkfifo(folder.path(name), 0o600) == 0) }
        // The browser reads from file 3 and writes to file 4.
        process = try ChildProcess(
            "/bin/sh",
            [
                "-c", #"exec "$0" "$@" 3<"\#(folder.path("commands"))" 4>"\#(folder.path("answers"))""#, program,
                "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                "--remote-debugging-pipe", "--user-data-dir=\(folder.path("profile"))", "about:blank",
            ])
        // In the order in which the shell opens them.
        commands = try #require(FileHandle(forWritingAtPath: folder.path("commands")))
        answers = try #require(FileHandle(forReadingAtPath: folder.path("answers")))
    }

    deinit { process.end(within: 10) }

    /// A window with a page.
    func open(_ address: String, width: Int, height: Int, isPhone: Bool = false) throws -> Page {
        let target = try call("Target.createTarget", ["url": "about:blank", "newWindow": true])
        let attached = try call("Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        let page = Page(browser: self, session: try #require(attached["sessionId"] as? String))
        _ = try page.call("Page.enable")
        _ = try page.call("Emulation.setFocusEmulationEnabled", ["enabled": true])
        _ = try page.call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": isPhone ? 2 : 1, "mobile": isPhone])
        if isPhone { _ = try page.call("Emulation.setTouchEmulationEnabled", ["enabled": true]) }
        _ = try page.call("Page.navigate", ["url": address])
        return page
    }

    /// Sends a command and waits for its answer.
    func call(_ method: String, _ parameters: [String: Any] = [:], session: String? = nil) throws -> [String: Any] {
        lastCommand += 1
        var message: [String: Any] = ["id": lastCommand, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        try commands.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
        while true {
            let answer = try nextMessage()
            guard answer["id"] as? Int == lastCommand else { continue }
            if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func nextMessage() throws -> [String: Any] {
        while true {
            // Pictures are megabytes long: what has been searched once is not searched again.
            if let end = received[searched...].firstIndex(of: 0) {
                let message = received[..<end]
                received.removeSubrange(...end)
                searched = 0
                return try JSONSerialization.jsonObject(with: Data(message)) as? [String: Any] ?? [:]
            }
            searched = received.count
            var file = pollfd(fd: answers.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&file, 1, 60_000) == 1, case let data = answers.availableData, !data.isEmpty else {
                throw Failure(description: "the browser has ended, or says nothing for a minute")
            }
            received += data
        }
    }

    /// A page in a window.
    struct Page {
        let browser: Browser
        let session: String

        @discardableResult
        func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
            try browser.call(method, parameters, session: session)
        }

        /// The value of an expression of JavaScript; promises are waited for.
        @discardableResult
        func value(_ expression: String) throws -> Any? {
            let answer = try call(
                "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
            if let problem = answer["exceptionDetails"] { throw Failure(description: "\(expression): \(problem)") }
            return (answer["result"] as? [String: Any])?["value"]
        }

        /// Waits up to half a minute until an expression is true.
        func waits(for expression: String) throws -> Bool {
            for _ in 0..<600 {
                if try value(expression) as? Bool == true { return true }
                usleep(50_000)
            }
            return false
        }

        /// Presses a key that makes a character.
        func press(_ key: String) throws {
            let text = key.count == 1 ? key : ""
            try call("Input.dispatchKeyEvent", ["type": "keyDown", "key": key, "text": text])
            try call("Input.dispatchKeyEvent", ["type": "keyUp", "key": key])
        }

        func click(_ selector: String) throws { try drag(selector, along: [0.5]) }

        /// Presses the mouse on an element, moves it to places along its width, from 0 to 1, and lets go unless `holds`.
        func drag(_ selector: String, along places: [Double], holds: Bool = false) throws {
            let place = try value(
                """
                (() => { const element = document.querySelector(\(literal(selector)));
                element.scrollIntoView({ block: "center" });
                const box = element.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })()
                """)
            let box = try #require(place as? [NSNumber]).map(\.doubleValue)
            func mouse(_ type: String, _ place: Double) throws {
                try call(
                    "Input.dispatchMouseEvent",
                    [
                        "type": type, "x": box[0] + place * box[2], "y": box[1] + box[3] / 2, "button": "left",
                        "buttons": 1, "clickCount": 1,
                    ])
            }
            try mouse("mousePressed", places[0])
            for place in places.dropFirst() { try mouse("mouseMoved", place) }
            if !holds { try mouse("mouseReleased", places[places.count - 1]) }
        }

        /// What is seen: a JPEG, or a PNG without a quality.
        func screenshot(quality: Int? = nil) throws -> Data {
            let format: [String: Any] = quality.map { ["format": "jpeg", "quality": $0] } ?? ["format": "png"]
            let text = try #require(try call("Page.captureScreenshot", format)["data"] as? String)
            return try #require(Data(base64Encoded: text))
        }

        private func literal(_ text: String) -> String {
            String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
        }
    }
}
