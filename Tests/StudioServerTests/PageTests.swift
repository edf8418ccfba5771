import Foundation
import LivePipeline
import Studio
import StudioServer
import Style
import TestSupport
import Testing

/// The page in a browser, driven by mouse and keys.
@Suite(.serialized) struct PageTests {
    /// The studio's page in a window of its own browser, once it shows the state.
    private static func readyPage(_ studio: TestServer) throws -> Browser.Page {
        let page = try Browser().open(studio.server.addresses[0], width: 1280, height: 800)
        #expect(try page.waits(for: isReady))
        return page
    }

    @Test func aPersonDrivesThePainting() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer()
        try await onThread {
            let page = try Self.readyPage(studio)

            try page.click("[data-style=great-wave]")
            #expect(try page.waits(for: #"document.querySelector("[data-style=great-wave]").ariaPressed === "true""#))
            try page.drag("#strength", along: [0.98, 0.5])
            // Styles of one model can be blended.
            #expect(try page.value("[...document.querySelectorAll('#second option')].length") as? Int == 6)
            try page.value("element('second').value = 'scream'; element('second').dispatchEvent(new Event('change'))")
            #expect(try page.waits(for: "!element('blend').disabled"))
            try page.drag("#blend", along: [0.02, 0.25, 0.5])
            try page.click("#preserveColor")
            #expect(
                try Self.soon {
                    let state = studio.painting.state
                    return state.style == "great-wave" && abs(state.strength - 0.5) < 0.03 && state.preserveColor
                        && state.secondStyle == "scream" && abs(state.blend - 0.5) < 0.03
                }, "\(studio.painting.state)")

            // What is shown has changed accordingly.
            try page.press("Escape")
            #expect(try page.waits(for: "!element('banner').hidden"))
            #expect(try Self.soon { studio.painting.state.isOriginal })
            try page.press("0")
            try page.press("3")
            #expect(
                try Self.soon { !studio.painting.state.isOriginal && studio.painting.state.style == "starry-night" })
            try page.press("s")
            #expect(try page.waits(for: "element('toast').textContent.includes('/pictures/painting-1.png')"))
            try page.click("#record")
            #expect(try Self.soon { studio.painting.state.isRecording })
        }
    }

    @Test func aSecondPageFollows() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer()
        try await onThread {
            let browser = try Browser()
            let pages = try (0..<2).map { _ in try browser.open(studio.server.addresses[0], width: 900, height: 800) }
            for page in pages { #expect(try page.waits(for: Self.isReady)) }
            try pages[0].drag("#strength", along: [0.98, 0.25])
            #expect(try pages[1].waits(for: "Math.abs(element('strength').value - 0.25) < 0.03"))
            try pages[1].click("[data-style=starry-night]")
            #expect(try pages[0].waits(for: "state().style === 'starry-night'"))

            // A slider that is held stays in the hand; the others follow.
            try pages[0].drag("#brush", along: [0.3, 0.4], holds: true)
            let held = try pages[0].value("element('brush').value") as? String
            #expect(try Self.soon { Double(held ?? "") == studio.painting.state.brush })
            var change = try StateChange(.brush, .number(2))
            try change.set(.strength, to: .number(0.75))
            try studio.store.change(change)
            #expect(try pages[1].waits(for: "element('brush').value === '2'"))
            #expect(try pages[0].waits(for: "element('strength').value === '0.75'"))
            #expect(try pages[0].value("element('brush').value") as? String == held)
        }
    }

    /// Many moves of a slider end at the last one, are sent in few requests, and leave the page responsive.
    @Test func fastMovesEndAtTheLastOne() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer()
        try await onThread {
            let page = try Self.readyPage(studio)
            let before = studio.store.snapshot.version
            try page.value(
                """
                for (let step = 1; step <= 100; step++) {
                  element("coherence").value = -4 + step * 0.07;
                  element("coherence").dispatchEvent(new Event("input"));
                }
                """)
            #expect(try Self.soon { studio.painting.state.coherence == 3 })
            #expect(studio.store.snapshot.version - before < 10)
            try page.drag("#coherence", along: (0...100).map { 0.2 + 0.006 * Double($0) })
            let last = try #require(try page.value("Number(element('coherence').value)") as? Double)
            #expect(abs(last - 2.4) < 0.3)
            #expect(try Self.soon { studio.painting.state.coherence == last })
            #expect(try page.value("new Promise((done) => requestAnimationFrame(() => done(true)))") as? Bool == true)
        }
    }

    @Test func presetsTempoAndTroubleAreShown() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer()
        try await onThread {
            let browser = try Browser()
            let page = try browser.open(studio.server.addresses[0], width: 390, height: 844, isPhone: true)
            #expect(try page.waits(for: Self.isReady))
            try page.value("element('name').value = 'Soft & slow'; element('keep').requestSubmit()")
            #expect(try page.waits(for: "document.querySelector('.chip')?.textContent.startsWith('Soft & slow')"))
            try studio.store.change(StateChange(.brush, .number(2)))
            try page.click(".chip button")
            #expect(try Self.soon { studio.painting.state.brush == 1 })

            #expect(try page.value("element('bpm').value") as? String == "120")
            try page.value("element('bpm').value = '90.5'; element('bpm').dispatchEvent(new Event('change'))")
            #expect(try Self.soon { studio.store.snapshot.tempo.beatsPerMinute == 90.5 })
            try page.press("t")
            usleep(1_000_000)
            try page.press("t")
            #expect(try page.waits(for: "element('bpm').value <= 61"))
            try page.press("b")
            try page.press("b")
            try page.press("2")
            #expect(try Self.soon { studio.painting.state.style == "great-wave" })

            studio.painting.content.withLock { $0.statistics.trouble = "The camera is gone; plug it in again." }
            #expect(
                try page.waits(for: "!element('trouble').hidden && element('trouble').textContent.includes('camera')"))
            // The style that is painted can be seen, also the last one of the row.
            try studio.store.change(StateChange(.style, .text("jas-de-bouffan")))
            #expect(
                try page.waits(
                    for: """
                        document.querySelector("[data-style=jas-de-bouffan]").ariaPressed === "true" &&
                        document.querySelector("[data-style=jas-de-bouffan]").getBoundingClientRect().right <= 390
                        """))
            // Nothing is wider than a phone.
            #expect(try page.value("document.documentElement.scrollWidth <= 390") as? Bool == true)
        }
    }

    @Test func masksAreChosen() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer()
        try await onThread {
            let page = try Self.readyPage(studio)
            #expect(try page.value("[...element('mask').options].length") as? Int == 3)
            #expect(try page.value("element('isMasked').disabled") as? Bool == true)
            try page.value("element('mask').value = 'face.png'; element('mask').dispatchEvent(new Event('change'))")
            #expect(try Self.soon { studio.painting.state.mask == "face.png" && studio.painting.state.isMasked })
            try page.click("#invertMask")
            try page.press("m")
            #expect(try Self.soon { studio.painting.state.invertMask && !studio.painting.state.isMasked })
            #expect(try page.value("element('isMasked').checked") as? Bool == false)
        }
    }

    /// Until there is a picture, the page says so, and shows no damaged one.
    @Test func theFirstPictureIsWaitedFor() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer()
        studio.painting.content.withLock { $0.isSilent = true }
        try await onThread {
            let browser = try Browser()
            let page = try browser.open(studio.server.addresses[0], width: 1280, height: 800)
            #expect(try page.waits(for: "typeof current === 'object' && !!current && styles.length > 0"))
            let isWaiting = "element('painting').offsetWidth === 0 && element('waiting').offsetWidth > 0"
            #expect(try page.value(isWaiting) as? Bool == true)
            studio.painting.content.withLock { $0.isSilent = false }
            #expect(
                try page.waits(for: "element('painting').offsetWidth > 0 && element('waiting').offsetWidth === 0"))
        }
    }

    /// A page with a token in its address works, and the address loses it.
    @Test func theTokenBecomesACookie() async throws {
        try Browser.skipIfMissing()
        let studio = try TestServer(address: "0.0.0.0")
        let address = try #require(studio.server.addresses.first { $0.contains("127.0.0.1") })
        try await onThread {
            let browser = try Browser()
            let page = try browser.open(address, width: 800, height: 600)
            #expect(try page.waits(for: Self.isReady))
            #expect(try page.value("location.search") as? String == "")
            try page.click("[data-style=primavesi]")
            #expect(try Self.soon { studio.painting.state.style == "primavesi" })
        }
    }

    /// The pictures of Docs/images, of the included clip as it is painted: `PENTIMENTO_SCREENSHOTS` names a folder for them.
    @Test func picturesAreTaken() async throws {
        guard let folder = ProcessInfo.processInfo.environment["PENTIMENTO_SCREENSHOTS"] else { return }
        try Browser.skipIfMissing()
        let place = try TemporaryFolder()
        var settings = LivePipeline.Settings()
        settings.input = .file("\(TestData.repository)/Examples/media/cockatoo.mp4")
        settings.quality = .balanced
        var state = StudioState()
        (state.style, state.secondStyle, state.blend) = ("starry-night", "great-wave", 0.3)
        let library = ModelLibrary(folders: ["\(TestData.repository)/Plugins/GstPentimento/Models"])
        let painting = try LivePipeline(settings, styles: LiveStyles(library), state: state)
        defer { painting.stop() }
        try painting.start()
        _ = try #require(try painting.facts(within: 60))
        let store = StudioStateStore(
            painting: painting, initial: state, presets: Presets(path: place.path("presets.json")))
        for name in ["Opening", "Chorus", "Soft and slow"] { try store.savePreset(name) }
        var configuration = StudioServer.Configuration()
        configuration.port = 0
        let server = try StudioServer(store: store, painting: painting, configuration: configuration)
        let serving = Task { await server.run() }
        defer { serving.cancel() }
        try await onThread {
            let browser = try Browser()
            for (name, width, height) in [("studio", 1280, 800), ("studio-phone", 390, 844)] {
                let page = try browser.open(server.addresses[0], width: width, height: height, isPhone: width < 500)
                #expect(try page.waits(for: Self.isReady))
                #expect(try page.waits(for: "document.querySelectorAll('.style img.here').length === styles.length"))
                #expect(try page.waits(for: "measured.length > 50"))
                try page.screenshot(quality: 62)
                    .write(to: URL(fileURLWithPath: "\(folder)/\(name).jpg"))
            }
        }
    }

    /// The state, the styles and the painting have come.
    private static let isReady =
        "typeof current === 'object' && !!current && styles.length > 0 && element('painting').naturalWidth > 0"

    private static func soon(_ condition: () -> Bool) throws -> Bool {
        for _ in 0..<600 {
            if condition() { return true }
            usleep(50_000)
        }
        return false
    }
}
