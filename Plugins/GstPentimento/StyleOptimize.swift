import CGStreamer
import GStreamerKit
import Imaging
import NeuralNet
import Style
import Synchronization

/// `styleoptimize`: stylizes frames after any painting by minimising the paper's energy (sections 3 and 4). Slow.
///
/// Behind `opticalflow ! occlusioncheck` each frame is temporally coherent with those before it; otherwise each frame
/// is stylized independently. With several passes frames are held back until their shot ends: at a scene cut or the end
/// of the stream.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow references=1,2,4 ! \
///         occlusioncheck min-filter=1 ! styleoptimize style-images=painting.jpg ! videoconvert ! x264enc ! mp4mux ! \
///         filesink location=painted.mp4
package final class StyleOptimize: TransformElement, @unchecked Sendable {
    package override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "styleoptimize", typeName: "PentimentoStyleOptimize", longName: "Style transfer by optimisation",
        classification: "Filter/Effect/Video",
        about: "Stylizes frames by optimisation (slow); temporally coherent behind opticalflow ! occlusioncheck",
        author: elementAuthor, properties: table)

    /// The current run, from start to stop; used by the streaming thread.
    private var run: OptimizationRun?
    /// Set from any thread to cancel the current computation.
    private let isInterrupted = Atomic(false)
    private let metaReaders = MetaReaders()
    private var hasSaidAlone = false
    /// The largest reference distance of the `opticalflow` upstream; nil if another element attached the flow.
    private(set) var farthestReference: Int?

    package override func start() throws {
        isInterrupted.store(false, ordering: .relaxed)
        hasSaidAlone = false
        farthestReference = nil
        run = try reporting { try OptimizationRun(self, snapshot()) }
    }

    package override func forgetAnswers() { metaReaders.forget() }

    package override func willStop() { isInterrupted.store(true, ordering: .relaxed) }

    package override func stop() { run = nil }

    package override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        switch event.pointee.type {
        case GST_EVENT_FLUSH_START: isInterrupted.store(true, ordering: .relaxed)
        case GST_EVENT_FLUSH_STOP:
            isInterrupted.store(false, ordering: .relaxed)
            run?.reset()
        default:
            if let announced = FarthestReference(event) { farthestReference = announced.distance }
            return hold(event)
        }
        return .forward
    }

    package override func handle(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws -> FrameHandling {
        guard let run else { return .forward }
        let motions = FrameMotions(buffer, warn: warnOnce)
        sayIfAlone(motions)
        return try reporting {
            if run.settings.passes > 1 {
                try run.hold(buffer, motions: motions, format: format)
                return .hold
            }
            try run.optimize(buffer, motions: motions, format: format)
            if settings[Self.metas].dropsMetas(of: self, metaReaders) { MetaReaders.removeMetas(from: buffer) }
            return .forward
        }
    }

    /// Whether flow and certainty metas are removed from outgoing frames.
    var dropsMetas: Bool { snapshot()[Self.metas].dropsMetas(of: self, metaReaders) }

    /// Whether the optimisation should continue; read after each iteration.
    var isWanted: Bool { !isInterrupted.load(ordering: .relaxed) }

    /// The number of frames in the stream by upstream's duration; nil if unknown.
    func expectedFrames(_ format: VideoFormat) -> Int? {
        var duration: gint64 = 0
        guard format.frameRate.numerator > 0,
            gst_pad_peer_query_duration(transform.pointee.sinkpad, GST_FORMAT_TIME, &duration) != 0, duration > 0
        else { return nil }
        let rate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        return max(Int((Double(duration) * 1e-9 * rate).rounded()), 1)
    }

    // MARK: -

    /// Queues serialized events behind the held frames. An event that ends the shot finishes it first.
    private func hold(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        guard let run, run.isHolding,
            event.pointee.type.rawValue & UInt32(GST_EVENT_TYPE_SERIALIZED.rawValue) != 0
        else { return .forward }
        let ends = [
            GST_EVENT_EOS, GST_EVENT_SEGMENT, GST_EVENT_CAPS, GST_EVENT_STREAM_START, GST_EVENT_SEGMENT_DONE,
            GST_EVENT_STREAM_GROUP_DONE,
        ]
        guard ends.contains(event.pointee.type) else {
            run.hold(event)
            return .consume(true)
        }
        do {
            try reporting { try run.finishShot() }
        } catch let end as StreamingEnds {
            if end.flow == GST_FLOW_FLUSHING { return .consume(false) }
        } catch {
            post(.error, ElementError(error))
        }
        return .forward
    }

    private func sayIfAlone(_ motions: FrameMotions) {
        guard !hasSaidAlone, let missing = motions.missing else { return }
        hasSaidAlone = true
        post(
            .info,
            ElementError(
                .settings, "There is no \(missing) before this element: each frame is stylized independently.",
                remedy: "Put opticalflow ! occlusioncheck min-filter=1 before it for temporal coherence."))
    }

    /// Runs `body` and turns the errors of the modules below into ``ElementError`` or ``StreamingEnds``.
    private func reporting<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch is OptimizationCancelled {
            throw StreamingEnds(GST_FLOW_FLUSHING)
        } catch  where Cancellation.isRequested {
            throw StreamingEnds(GST_FLOW_FLUSHING)
        } catch let error as OptimizationError {
            switch error {
            case .settings, .style: throw ElementError(.settings, error.description, remedy: "")
            case .notANumber, .shot: throw ElementError(.failed, error.description, remedy: "")
            }
        } catch let error as ModelLookupError {
            throw ElementError(.notFound, error.description, remedy: "")
        } catch let error as ModelError {
            throw ElementError(.decode, error.description, remedy: "")
        }
    }
}
