import CGStreamer
import GStreamerKit
import Imaging
import NeuralNet
import Style

extension StyleOptimize {
    /// One run of the element, from start to stop: what it was told to do, and how far it is. For the streaming thread.
    final class Session {
        let settings: OptimizationSettings
        private unowned let element: StyleOptimize
        /// As they were at the start.
        private let properties: PropertySnapshot
        /// The one that the settings ask for.
        private let clip: ClipOptimizer?
        private let passes: MultiPassOptimizer?
        private let folder: ResultFolder?
        private let report: OptimizationProgressReport
        private var shot: HeldShot?
        private var shotNumber = 0
        /// Frames since the start or the last flush, those of the shot among them.
        private var frameCount = 0
        /// The last frame's number in `opticalflow`'s count.
        private var lastNumber: UInt64?

        /// - Throws: whatever is wrong with the properties, or with the files that they name.
        init(_ element: StyleOptimize, _ properties: PropertySnapshot) throws {
            self.element = element
            self.properties = properties
            let inputs = try OptimizationInputs(properties)
            settings = inputs.settings
            report = OptimizationProgressReport(settings: settings, showsPicture: properties[StyleOptimize.preview])
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
                report.note(progress, from: element)
                return element.isWanted
            }
            clip?.onProgress = observer
            passes?.onProgress = observer
        }

        /// What comes has nothing to do with what was.
        func beginAnew() {
            clip?.beginAnew()
            shot = nil
            frameCount = 0
            lastNumber = nil
        }

        // MARK: - Frame after frame

        func optimize(
            _ buffer: UnsafeMutablePointer<GstBuffer>, motions: FrameMotions, format: VideoFormat
        ) throws {
            guard let clip else { return }
            if frameCount == 0 { report.begin(frames: element.expectedFrames(format)) }
            let isDiscontinuous = beginsAnew(motions)
            let references = motions.references
            // Flow that somebody else attached is believed as it comes.
            clip.longestReference =
                UpstreamQuestion.farthestReference.ask(upstreamOf: element)
                ?? max(clip.longestReference, references.last?.distance ?? 1)
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

        /// Whether nothing leads from the frames before to this one.
        private func beginsAnew(_ motions: FrameMotions) -> Bool {
            defer { lastNumber = motions.number }
            guard let number = motions.number, let lastNumber else { return motions.beginsScene }
            return motions.beginsScene || number != lastNumber &+ 1
        }

        // MARK: - Shot after shot

        /// Whether frames wait for the end of their shot.
        var isHolding: Bool { shot != nil }

        /// Takes the event's place in the order of frames.
        func hold(_ event: UnsafeMutablePointer<GstEvent>) { shot?.append(event) }

        /// Keeps a frame until its shot is complete; where it begins another one, finishes the one before.
        func hold(_ buffer: UnsafeMutablePointer<GstBuffer>, motions: FrameMotions, format: VideoFormat) throws {
            let isDiscontinuous = beginsAnew(motions)
            let motion = isDiscontinuous ? nil : motions.toPrevious
            if motion == nil { try finishShot() }
            let shot: HeldShot
            if let current = self.shot {
                shot = current
            } else {
                let file = try ScratchFile(folder: properties[StyleOptimize.storeLocation])
                shot = HeldShot(
                    format: format, file: file, limit: properties[StyleOptimize.storeLimit], folder: folder)
                self.shot = shot
            }
            do {
                try shot.append(buffer, motion: motion, number: motions.number, index: frameCount)
            } catch {
                // The end of the stream must not begin to work on what will never be whole.
                self.shot = nil
                throw error
            }
            frameCount += 1
        }

        /// Runs all passes over the shot and sends it on.
        ///
        /// - Throws: ``StreamingEnds`` with what downstream says, too.
        func finishShot() throws {
            guard let shot, let passes else { return }
            shotNumber += 1
            let firstFrame = frameCount - shot.frameCount
            report.shot = (shotNumber, firstFrame)
            report.begin(frames: shot.frameCount)
            // Whatever becomes of it, nobody shall begin with it once more.
            self.shot = nil
            try passes.run(shot, firstFrame: firstFrame)
            let withMotion = !element.dropsMetas
            for item in shot.items {
                switch item {
                case .event(let event):
                    gst_mini_object_ref(miniObject(event))
                    element.sendDownstream(event)
                case .frame(let index):
                    let picture = try shot.result(of: index, pass: settings.passes)
                    let flow = element.sendDownstream(
                        frame: try shot.buffer(
                            of: index, showing: picture, withMotion: withMotion, threads: settings.threads))
                    if flow != GST_FLOW_OK { throw StreamingEnds(flow) }
                }
            }
        }
    }
}
