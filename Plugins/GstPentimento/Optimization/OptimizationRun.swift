import CGStreamer
import GStreamerKit
import Imaging
import NeuralNet
import Style

extension StyleOptimize {
    /// One run of the element from start to stop: its settings and state. Used by the streaming thread.
    final class OptimizationRun {
        let settings: OptimizationSettings
        private unowned let element: StyleOptimize
        /// The properties at the start.
        private let properties: PropertySnapshot
        /// The optimiser for one pass, otherwise nil.
        private let clip: ClipOptimizer?
        /// The optimiser for several passes, otherwise nil.
        private let passes: MultiPassOptimizer?
        private let folder: ResultFolder?
        private let report: OptimizationProgressReport
        private var shot: ShotBuffer?
        private var shotNumber = 0
        /// Frames since the start or the last flush, including those of the current shot.
        private var frameCount = 0
        /// The previous frame's number as counted by `opticalflow`.
        private var lastNumber: UInt64?

        /// - Throws: an error if a property or a file that it names is invalid.
        init(_ element: StyleOptimize, _ properties: PropertySnapshot) throws {
            self.element = element
            self.properties = properties
            let inputs = try OptimizationInputs(properties)
            settings = inputs.settings
            report = OptimizationProgressReport(settings: settings, showsImage: properties[StyleOptimize.preview])
            if settings.passes > 1 {
                clip = nil
                passes = try MultiPassOptimizer(
                    settings: settings, network: inputs.network, styles: inputs.styles, model: inputs.model)
            } else {
                passes = nil
                clip = try ClipOptimizer(
                    settings: settings, network: inputs.network, styles: inputs.styles, model: inputs.model)
            }
            let location = properties[StyleOptimize.stateLocation]
            folder = location.isEmpty ? nil : try ResultFolder(location, settings: try inputs.resultSettings())
            let observer: OptimizationObserver = { [report, unowned element] progress in
                report.record(progress, from: element)
                return element.isWanted
            }
            clip?.firstNumber = properties[StyleOptimize.firstFrame]
            clip?.onProgress = observer
            passes?.onProgress = observer
        }

        /// Drops all state of earlier frames, after a flush.
        func reset() {
            clip?.reset()
            shot = nil
            frameCount = 0
            lastNumber = nil
        }

        // MARK: - One pass

        func optimize(
            _ buffer: UnsafeMutablePointer<GstBuffer>, motions: FrameMotions, format: VideoFormat
        ) throws {
            guard let clip else { return }
            if frameCount == 0 { report.begin(frames: element.expectedFrames(format)) }
            let isDiscontinuous = beginsAnew(motions)
            let references = motions.references
            // Of flow that another element attached, only the distances that have come so far are known.
            clip.longestReference =
                element.farthestReference ?? max(clip.longestReference, references.last?.distance ?? 1)
            let frame = try format.withPixels(of: buffer, writing: false) {
                $0.networkImage(threads: settings.threads)
            }
            try Cancellation.check()
            let origin = folder.map { _ in
                ResultOrigin(
                    frame: frame, motion: isDiscontinuous ? [] : references.flatMap(\.bytes), number: frameCount,
                    time: buffer.pointee.pts)
            }
            let result: Image
            if let folder, let origin,
                let kept = try folder.result(of: origin, pass: 0, width: frame.width, height: frame.height)
            {
                clip.adopt(kept, for: frame, isDiscontinuous: isDiscontinuous)
                result = kept
            } else {
                result = try clip.next(frame, references: references, isDiscontinuous: isDiscontinuous)
                try Cancellation.check()
                if let origin { try folder?.keep(result, of: origin, pass: 0) }
            }
            try format.withPixels(of: buffer, writing: true) { $0.store(result, threads: settings.threads) }
            frameCount += 1
        }

        /// Whether the frame is a discontinuity or frames before it were dropped.
        private func beginsAnew(_ motions: FrameMotions) -> Bool {
            defer { lastNumber = motions.number }
            guard let number = motions.number, let lastNumber else { return motions.beginsScene }
            return motions.beginsScene || number != lastNumber &+ 1
        }

        // MARK: - Several passes

        /// Whether frames are held back until their shot ends.
        var isHolding: Bool { shot != nil }

        /// Queues an event behind the held frames.
        func hold(_ event: UnsafeMutablePointer<GstEvent>) { shot?.append(event) }

        /// Adds a frame to the current shot. A discontinuity finishes the current shot and starts a new one.
        func hold(_ buffer: UnsafeMutablePointer<GstBuffer>, motions: FrameMotions, format: VideoFormat) throws {
            let isDiscontinuous = beginsAnew(motions)
            let motion = isDiscontinuous ? nil : motions.toPrevious
            if motion == nil { try finishShot() }
            let shot: ShotBuffer
            if let current = self.shot {
                shot = current
            } else {
                let file = try ScratchFile(folder: properties[StyleOptimize.storeLocation])
                shot = ShotBuffer(
                    format: format, file: file, limit: properties[StyleOptimize.storeLimit], folder: folder)
                self.shot = shot
            }
            do {
                try shot.append(buffer, motion: motion, number: motions.number, index: frameCount)
            } catch {
                // An incomplete shot must not be optimised at the end of the stream.
                self.shot = nil
                throw error
            }
            frameCount += 1
        }

        /// Runs all passes over the shot and sends its frames downstream.
        ///
        /// - Throws: an error of the optimisation, or ``StreamingEnds`` with the flow return of downstream.
        func finishShot() throws {
            guard let shot, let passes else { return }
            shotNumber += 1
            let firstFrame = properties[StyleOptimize.firstFrame] + frameCount - shot.frameCount
            report.shot = (shotNumber, firstFrame)
            report.begin(frames: shot.frameCount)
            // Cleared first: a failed shot is not retried.
            self.shot = nil
            try passes.run(shot, firstFrame: firstFrame)
            let withMotion = !element.dropsMetas
            for item in shot.items {
                switch item {
                case .event(let event):
                    gst_mini_object_ref(miniObject(event))
                    element.sendDownstream(event)
                case .frame(let index):
                    let image = try shot.result(of: index, pass: settings.passes)
                    let flow = element.sendDownstream(
                        frame: try shot.buffer(
                            of: index, showing: image, withMotion: withMotion, threads: settings.threads))
                    if flow != GST_FLOW_OK { throw StreamingEnds(flow) }
                }
            }
        }
    }
}
