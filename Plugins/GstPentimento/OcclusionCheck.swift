import CGStreamer
import Flow
import GStreamerKit
import Imaging

/// `occlusioncheck`: attaches the certainty of each flow (paper equations 5 to 7, and 12 with several references).
/// Behind `cubemapsplit` flow that leaves its cube face is uncertain.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! occlusioncheck ! \
///         flowdraw draw=certainty ! videoconvert ! autovideosink
final class OcclusionCheck: TransformElement, @unchecked Sendable {
    static let consistencyScale = Property<Double>(
        "consistency-scale", nick: "Consistency scale",
        blurb: "Factor of |w|^2 + |w'|^2 in the threshold of the squared forward-backward difference (paper eq. 6)",
        range: 0...10, default: 0.01, flags: .mutablePlaying)
    static let consistencyOffset = Property<Double>(
        "consistency-offset", nick: "Consistency offset",
        blurb: "Constant, in squared pixels, in the threshold of the squared forward-backward difference (paper eq. 6)",
        range: 0...10_000, default: 0.5, flags: .mutablePlaying)
    static let boundaryScale = Property<Double>(
        "boundary-scale", nick: "Boundary scale",
        blurb:
            "Factor of |w|^2 in the threshold of the squared flow gradient at motion boundaries (paper eq. 7)",
        range: 0...10, default: 0.01, flags: .mutablePlaying)
    static let boundaryOffset = Property<Double>(
        "boundary-offset", nick: "Boundary offset",
        blurb: "Constant in the threshold of the squared flow gradient (paper eq. 7)",
        range: 0...10_000, default: 0.002, flags: .mutablePlaying)
    static let motionBoundaries = Property<Bool>(
        "motion-boundaries", nick: "Motion boundaries", blurb: "Mark motion boundaries as uncertain",
        default: true, flags: .mutablePlaying)
    static let minimumFilter = Property<Int>(
        "min-filter", nick: "Minimum filter",
        blurb: "Size of the minimum filter on the certainty, odd, in pixels of the frame; 1 turns it off",
        range: 1...255, default: Motion.defaultMinimumFilter, flags: .mutablePlaying)

    static let forward = Property<Bool>(
        "forward", nick: "Forward",
        blurb: "Check the forward flow too, as styleoptimize needs with several passes", default: true,
        flags: .mutablePlaying)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "occlusioncheck", typeName: "PentimentoOcclusionCheck", longName: "Occlusion check",
        classification: "Filter/Analyzer/Video",
        about:
            "Attaches the certainty of the optical flow to each frame: 0 at occlusions and motion boundaries, else 1",
        author: elementAuthor, formats: .all,
        properties: [
            consistencyScale, consistencyOffset, boundaryScale, boundaryOffset, motionBoundaries, minimumFilter,
            forward,
        ])

    private var hasWarned = false

    override func start() throws { hasWarned = false }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        let metas = comparable(FlowMeta.all(of: buffer, warn: warnOnce))
        if metas.isEmpty, !hasWarned {
            hasWarned = true
            warn("frames have no optical flow; put an opticalflow before this element")
        }
        let check = ConsistencyCheck(
            scale: Float(settings[Self.consistencyScale]), offset: Float(settings[Self.consistencyOffset]),
            boundaryScale: Float(settings[Self.boundaryScale]), boundaryOffset: Float(settings[Self.boundaryOffset]),
            motionBoundaries: settings[Self.motionBoundaries])
        let side = settings[Self.minimumFilter]
        let batchSize = CubeMapMeta.batchSize(of: buffer, format: format, warn: warnOnce)

        var results: [CertaintyMeta] = metas.compactMap { meta in
            guard let flow = meta.flow else { return nil }
            let size = Motion.filterSize(side, of: format.width, at: flow.backward.width)
            func certainty(of flow: FlowField, reverse: FlowField) -> Plane<Float> {
                check.certainty(of: flow.withBatchSize(batchSize), reverse: reverse).minimumFiltered(size: size)
            }
            return CertaintyMeta(
                distance: meta.distance, backward: certainty(of: flow.backward, reverse: flow.forward),
                forward: settings[Self.forward] ? certainty(of: flow.forward, reverse: flow.backward) : nil)
        }
        if results.count > 1 {
            // Equation 12 takes the filtered certainties.
            for (index, weights) in longTermWeights(results.map(\.backward)).enumerated() {
                results[index].longTerm = weights
            }
        }
        CertaintyMeta.removeAll(from: buffer)
        for result in results { result.attach(to: buffer) }
    }

    /// One meta per distance, sorted by distance, all of one size, as equation 12 combines them pixel by pixel. Other
    /// elements may have attached more: of several metas for a distance the first is used, and of several sizes that of
    /// the nearest reference.
    private func comparable(_ metas: [FlowMeta]) -> [FlowMeta] {
        var chosen: [FlowMeta] = []
        // The sort is stable.
        for meta in metas.sorted(by: { $0.distance < $1.distance }) {
            if chosen.last?.distance == meta.distance { continue }
            if let flow = meta.flow?.backward, let first = chosen.lazy.compactMap(\.flow?.backward).first,
                (flow.width, flow.height) != (first.width, first.height)
            {
                warnOnce(
                    "optical flow", "there are sizes of \(first.width)x\(first.height) and \(flow.width)x\(flow.height)"
                )
                continue
            }
            chosen.append(meta)
        }
        return chosen
    }
}
