import Studio

/// The pipeline from a camera to its outputs.
package final class LivePipeline: Sendable {
    package init() {}
}
