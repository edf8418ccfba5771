import ArgumentParser
import StudioServer

/// The page that drives a live painting.
struct PageOptions: ParsableArguments {
    @Option(help: "Port of the page; 0: a free one.")
    var port = StudioServer.Configuration().port

    @Option(
        help: ArgumentHelp(
            "IP address of this machine at which the page is; 0.0.0.0: all of them. Other machines then need the token in the "
                + "address that is printed.", valueName: "address"))
    var listen = StudioServer.Configuration().address

    @Flag(help: "Without the page.")
    var noPage = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port is 0 to 65535, not \(port)") }
    }

    /// Nil: no page is wanted.
    var configuration: StudioServer.Configuration? {
        if noPage { return nil }
        var configuration = StudioServer.Configuration()
        (configuration.port, configuration.address) = (port, listen)
        return configuration
    }
}
