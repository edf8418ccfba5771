import Studio
import Support

/// Serves the page and the state over HTTP.
package struct StudioServer: Sendable {
    /// Where the server listens.
    package struct Configuration: Sendable {
        /// An address of this machine; `0.0.0.0`: all of them. Any but the loopback needs a token.
        package var address = "127.0.0.1"
        /// 0: a free one.
        package var port = 8766

        package init() {}
    }

    /// Addresses of the page, with the token where one is needed; known before ``run()``.
    package let addresses: [String]

    /// Opens the port.
    ///
    /// - Throws: ``StudioError`` if the port is in use, or the address is none of this machine's.
    package init(
        store: StudioStateStore, painting: any LivePainting, configuration: Configuration
    ) throws(StudioError) {
        addresses = []
    }

    /// Answers until the task is cancelled.
    package func run() async {}
}
