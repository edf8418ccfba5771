import Foundation
import Glibc
import Studio
import StudioControls
import TestSupport
import Testing

/// Open Sound Control over UDP.
@Suite(.serialized) struct OSCReceiverTests {
    private static let program = "/usr/bin/oscsend"

    /// Sends datagrams to a port of this machine.
    private func send(_ packets: [[UInt8]], to port: UInt16) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(socket) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &place.sin_addr)
        for packet in packets {
            withUnsafePointer(to: &place) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(socket, packet, packet.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    /// A message with one number.
    private func packet(_ address: String, _ number: Float) -> [UInt8] {
        func text(_ text: String) -> [UInt8] {
            Array(text.utf8) + Array(repeating: 0, count: 4 - text.utf8.count % 4)
        }
        return text(address) + text(",f") + withUnsafeBytes(of: number.bitPattern.bigEndian, Array.init)
    }

    private func oscsend(_ port: UInt16, _ arguments: String...) throws {
        #expect(try ChildProcess(Self.program, ["localhost", "\(port)"] + arguments).wait(20) == .exited(0))
    }

    /// By another program: liblo's.
    @Test(.timeLimit(.minutes(1))) func anotherProgramDrivesTheState() async throws {
        guard FileManager.default.isExecutableFile(atPath: Self.program) else {
            try TestData.skip("there is no \(Self.program); install liblo-tools")
        }
        let folder = try TemporaryFolder()
        let driven = DrivenStudio(presets: Presets(path: folder.path("presets.json")))
        try driven.store.savePreset("calm", StateChange(.coherence, .number(3)))
        let receiver = try OSCReceiver(port: 0, studio: driven.studio)
        defer { receiver.stop() }
        let port = receiver.port
        let steps: [(arguments: (String, String?, String?), wanted: (StudioState) -> Bool)] = [
            (("/pentimento/strength", "f", "0.25"), { $0.strength == 0.25 }),
            (("/pentimento/style", "s", "great-wave"), { $0.style == "great-wave" }),
            (("/pentimento/secondStyle", "s", "scream"), { $0.secondStyle == "scream" }),
            (("/pentimento/blend", "d", "0.5"), { $0.blend == 0.5 }),
            (("/pentimento/fade", "i", "2"), { $0.fade == 2 }),
            (("/pentimento/isOriginal", "i", "1"), { $0.isOriginal }),
            (("/pentimento/isOriginal", "F", nil), { !$0.isOriginal }),
            (("/pentimento/preserveColor", "T", nil), { $0.preserveColor }),
            (("/pentimento/preset", "s", "calm"), { $0.coherence == 3 }),
            // A fader that goes a little too far.
            (("/pentimento/strength", "f", "1.0001"), { $0.strength == 1 }),
        ]
        for (arguments, wanted) in steps {
            switch arguments {
            case (let address, let type?, let value?): try oscsend(port, address, type, value)
            case (let address, let type?, nil): try oscsend(port, address, type)
            case (let address, _, _): try oscsend(port, address)
            }
            #expect(await driven.reaches(wanted), "\(arguments)")
        }
        #expect(driven.problems.isEmpty, "\(driven.problems)")
        for (arguments, word) in [
            (["/pentimento/stile", "s", "scream"], "/pentimento/style"),
            (["/pentimento/style", "s", "screem"], "scream"), (["/pentimento/strength", "s", "much"], "number"),
            (["/pentimento/preset", "s", "none"], "no preset"), (["/other", "i", "1"], "/pentimento/"),
        ] {
            let before = (driven.state, driven.problems.count)
            try oscsend(port, arguments[0], arguments[1], arguments[2])
            for _ in 0..<1000 where driven.problems.count == before.1 { try await Task.sleep(for: .milliseconds(5)) }
            let problem = driven.problems.last ?? ""
            #expect(problem.hasPrefix("OSC: ") && problem.contains(word), "\(problem)")
            #expect(driven.state == before.0)
        }
    }

    @Test(.timeLimit(.minutes(1))) func damagedPacketsDoNoHarm() async throws {
        let driven = DrivenStudio()
        let receiver = try OSCReceiver(port: 0, studio: driven.studio)
        defer { receiver.stop() }
        var generator = SeededGenerator(seed: 3)
        let good = packet("/pentimento/strength", 0.5)
        for _ in 0..<100 {
            let packets = (0..<100).map { _ -> [UInt8] in
                var damaged = good
                damaged[Int.random(in: 1..<20, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                return Array(damaged.prefix(Int.random(in: 0..<damaged.count, using: &generator)))
            }
            send(packets, to: receiver.port)
        }
        #expect(await driven.reaches { _ in true })
        for attempt in 0..<100 {
            // UDP may lose packets while the queue is full.
            send([packet("/pentimento/strength", 0.125)], to: receiver.port)
            if driven.state.strength == 0.125 { break }
            try await Task.sleep(for: .milliseconds(10))
            #expect(attempt < 99)
        }
        // What is wrong over and over is said a few times only.
        #expect(driven.problems.count < 10_000)
    }

    /// A fader that moves fast: its last position counts, and the painting is not asked for each of them.
    @Test(.timeLimit(.minutes(1))) func theLastPositionCounts() async throws {
        let driven = DrivenStudio()
        let receiver = try OSCReceiver(port: 0, studio: driven.studio)
        defer { receiver.stop() }
        send((0...1000).map { packet("/pentimento/strength", Float($0) / 2000) }, to: receiver.port)
        for _ in 0..<100 where driven.state.strength != 0.75 {
            send([packet("/pentimento/strength", 0.75)], to: receiver.port)
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(driven.state.strength == 0.75)
        #expect(driven.painting.applied.withLock { $0.count } < 1100)
        #expect(driven.problems.isEmpty)
    }

    @Test func wrongAddressesSayWhatIsWrong() throws {
        let driven = DrivenStudio()
        let receiver = try OSCReceiver(port: 0, studio: driven.studio)
        for (address, port, word) in [
            ("127.0.0.1", receiver.port, "in use"), ("nowhere", 0, "no IPv4 address"), ("192.0.2.1", 0, "192.0.2.1"),
        ] as [(String, UInt16, String)] {
            do throws(StudioError) {
                let other = try OSCReceiver(address: address, port: port, studio: driven.studio)
                Issue.record("listens at \(address):\(other.port)")
            } catch { #expect(error.description.contains(word), "\(error)") }
        }
        receiver.stop()
    }
}
