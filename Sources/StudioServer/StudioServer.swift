import FlyingFox
import Studio

/// Serves the page and the state over HTTP.
package struct StudioServer: Sendable {
    package init() {}
}
