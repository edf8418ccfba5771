import Foundation
import Studio
import StudioServer
import TestSupport
import Testing

@Suite struct SecurityTests {
    /// Only the page itself and programs of this machine may ask.
    @Test(arguments: [
        (["Host: 127.0.0.1"], 200), (["Host: localhost:1234"], 200), (["Host: [::1]:80"], 200),
        (["Host: LOCALHOST"], 200),
        // Names that were made to lead here.
        (["Host: evil.example"], 403), (["Host: 127.0.0.1.evil.example"], 403), (["Host: "], 403),
        (["Host: localhost.evil.example:8766"], 403), (["Host: 192.168.1.5"], 403),
        // Other sites.
        (["Host: localhost:5", "Origin: http://localhost:5"], 200),
        (["Host: localhost:5", "Origin: http://localhost:6"], 403),
        (["Host: localhost:5", "Origin: https://localhost:5"], 403), (["Host: localhost:5", "Origin: null"], 403),
        (["Host: localhost:5", "Origin: http://evil.example"], 403),
        (["Host: localhost", "Sec-Fetch-Site: cross-site"], 403),
        (["Host: localhost", "Sec-Fetch-Site: same-site"], 403),
        (["Host: localhost", "Sec-Fetch-Site: same-origin"], 200),
        (["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"], 403),
    ])
    func otherSitesAreRefused(_ headers: [String], _ status: Int) async throws {
        let studio = try TestServer()
        #expect(try await studio.ask("PATCH", "/state", #"{"strength": 0.5}"#, headers: headers).status == status)
        #expect(studio.painting.state.strength == (status == 200 ? 0.5 : 1))
    }

    @Test func aLinkToThePageWorks() async throws {
        let studio = try TestServer()
        let link = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]
        let answer = try await studio.ask("GET", "/", headers: link)
        #expect(answer.status == 200)
        #expect(answer.headers["x-frame-options"] == "DENY")
        #expect(answer.headers["cross-origin-resource-policy"] == "same-origin")
        #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(answer.headers["access-control-allow-origin"] == nil)
        #expect(try await studio.ask("GET", "/preview.mjpg", headers: link).status == 403)
    }

    /// Beyond the loopback each request needs the token.
    @Test func theTokenIsNeeded() async throws {
        let studio = try TestServer(address: "0.0.0.0")
        let address = try #require(studio.server.addresses.first)
        let token = try #require(address.split(separator: "=").last.map(String.init))
        #expect(token.count == 32 && address.hasSuffix("/?token=\(token)"))
        #expect(try TestServer(address: "0.0.0.0").server.addresses.first?.hasSuffix(token) == false)

        let cookie = "pentimento-\(studio.port)=\(token)"
        for (path, headers, status) in [
            ("/state", [], 401), ("/state?token=\(token)", [], 200), ("/state?token=\(token)0", [], 401),
            ("/state?token=", [], 401), ("/state", ["Authorization: Bearer \(token)"], 200),
            ("/state", ["Authorization: Bearer x"], 401), ("/state", ["Cookie: a=b; \(cookie)"], 200),
            ("/state", ["Cookie: pentimento-1=\(token)"], 401), ("/", [], 401), ("/preview.mjpg", [], 401),
            ("/state?token=\(token)", ["Origin: http://evil.example"], 403),
        ] as [(String, [String], Int)] {
            #expect(try await studio.ask("GET", path, headers: headers).status == status, "\(path) \(headers)")
        }
        let page = try await studio.ask("GET", "/?token=\(token)")
        #expect(page.headers["set-cookie"] == "\(cookie); Path=/; HttpOnly; SameSite=Strict")
        #expect(page.headers["referrer-policy"] == "no-referrer")
        // The loopback needs none.
        #expect(try TestServer().server.addresses.allSatisfy { $0.hasPrefix("http://127.0.0.1:") && $0.hasSuffix("/") })
    }

    @Test func aPortInUseIsNamed() throws {
        let studio = try TestServer()
        for (address, port, reason) in [
            ("127.0.0.1", studio.port, "port \(studio.port) of 127.0.0.1 is in use"),
            ("127.0.0.1", 70_000, "--port 70000"),
            ("203.0.113.7", 0, "this machine has no such address"), ("here", 0, "--listen here: give an IP address"),
        ] {
            var configuration = StudioServer.Configuration()
            (configuration.address, configuration.port) = (address, port)
            do throws(StudioError) {
                _ = try StudioServer(store: studio.store, painting: studio.painting, configuration: configuration)
                Issue.record("no error: \(reason)")
            } catch { #expect(error.description.contains(reason), "\(error)") }
        }
    }

    @Test func sizesAreBounded() async throws {
        let studio = try TestServer()
        let big = String(repeating: " ", count: 64 << 10)
        #expect(try await studio.ask("PATCH", "/state", "{}" + big.dropLast(2)).status == 200)
        #expect(try await studio.ask("PATCH", "/state", "{}" + big).status == 413)
        #expect(try await studio.ask("GET", "/state", headers: ["X: \(big)"]).status == 431)
        #expect(try await studio.ask("GET", "/" + String(repeating: "a", count: 20_000)).status == 431)
        let many = (0..<200).map { "X-\($0): 1" }
        #expect(try await studio.ask("GET", "/state", headers: many).status == 431)
        let endless = try await studio.send(
            Array("GET /state HTTP/1.1\r\nHost: localhost\r\nX: ".utf8) + [UInt8](repeating: 97, count: 512 << 10))
        #expect(endless.status == 431)
    }

    /// Connections that say nothing take no place from others for long, and there are not too many.
    @Test func connectionsAreBounded() async throws {
        let studio = try TestServer()
        let port = studio.port
        let ended = try await onThread {
            let silent = try (0..<80).map { _ in try Connection(port: port) }
            // Those that are too many are closed at once, and the first one is not.
            return silent.suffix(10).allSatisfy { $0.isEnded(waiting: true) } && !silent[0].isEnded(waiting: false)
        }
        #expect(ended)
        let isAnswered = try await onThread {
            for _ in 0..<600 {
                if try Connection(port: port).isAnswered(port) { return true }
                usleep(50_000)
            }
            return false
        }
        #expect(isAnswered)
    }
}

extension Connection {
    fileprivate func isAnswered(_ port: Int) throws -> Bool {
        try send("GET /state HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n")
        return !readAll().isEmpty
    }
}
