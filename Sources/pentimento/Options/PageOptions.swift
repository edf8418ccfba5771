import ArgumentParser
import LivePipeline
import Studio
import StudioServer

/// The page that drives a live painting.
struct PageOptions: ParsableArguments {
    @Option(help: "Port of the page; 0: a free one.")
    var port = StudioServer.Configuration().port

    @Option(
        help: ArgumentHelp(
            "IP address of this machine at which the page is; 0.0.0.0: all of them. Other machines then need the token in the "
                + "address that is printed."))
    var address = StudioServer.Configuration().address

    @Flag(help: "Without the page.")
    var noPage = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port is 0 to 65535, not \(port)") }
    }

    /// The page of a painting; nil: none is wanted.
    ///
    /// - Throws: if the port is in use.
    func page(of painting: LivePipeline, _ state: StudioState) throws -> LivePage? {
        if noPage { return nil }
        var configuration = StudioServer.Configuration()
        (configuration.port, configuration.address) = (port, address)
        return try LivePage(painting, state, configuration)
    }
}

/// A page that is served until its end.
final class LivePage {
    /// With the token where one is needed.
    let addresses: [String]
    private let task: Task<Void, Never>

    fileprivate init(
        _ painting: LivePipeline, _ state: StudioState, _ configuration: StudioServer.Configuration
    ) throws {
        let store = StudioStateStore(
            painting: painting, initial: state, presets: Presets.userFile.map(Presets.init(path:)))
        let server = try StudioServer(store: store, painting: painting, configuration: configuration)
        addresses = server.addresses
        task = Task { await server.run() }
    }

    deinit { task.cancel() }
}
