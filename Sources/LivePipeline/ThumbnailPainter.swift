import GStreamerKit
import Glibc
import Imaging
import MediaIO
import Studio
import Style

/// Paints small pictures in any style, one at a time, on a thread of low priority and one processor.
final class ThumbnailPainter: Sendable {
    private struct Job: Sendable {
        let frame: LiveFrame
        let choice: LiveStyles.Choice
        let width: Int
        let answer: CheckedContinuation<[UInt8], any Error>
    }

    private struct State {
        var jobs: [Job] = []
        var isRunning = false
        var isEnded = false
    }

    /// On a picture as small as a thumbnail, strokes would be too large to show the style.
    private static let paintedWidth = 320
    /// Models that are kept for the next picture.
    private static let keptModels = 3
    /// As of `nice`.
    private static let priority: Int32 = 10

    private let state = Monitor(State())

    /// - Throws: if the style cannot be painted.
    func paint(_ frame: LiveFrame, _ choice: LiveStyles.Choice, width: Int) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { answer in
            let job = Job(frame: frame, choice: choice, width: width, answer: answer)
            let (isFirst, isEnded) = state.update { state in
                if !state.isEnded { state.jobs.append(job) }
                defer { state.isRunning = true }
                return (!state.isRunning, state.isEnded)
            }
            if isEnded { return answer.resume(throwing: MediaError("the painting has ended")) }
            guard isFirst else { return }
            do throws(MediaError) { try LiveThread.start("thumbnails") { self.run() } } catch {
                end()
            }
        }
    }

    /// Refuses what waits.
    func end() {
        let jobs = state.update { state in
            state.isEnded = true
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.answer.resume(throwing: MediaError("the painting has ended")) }
    }

    private func run() {
        // Of this thread alone, by Linux.
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.priority)
        var stylizers: [(model: String, stylizer: Stylizer)] = []
        while true {
            let job = state.wait { state -> Job?? in
                if state.isEnded { return .some(nil) }
                return state.jobs.isEmpty ? nil : .some(state.jobs.removeFirst())
            }
            guard let job else { return }
            job.answer.resume(with: Result { try Self.painted(job, &stylizers) })
        }
    }

    private static func painted(_ job: Job, _ stylizers: inout [(model: String, stylizer: Stylizer)]) throws -> [UInt8]
    {
        var request = StyleRequest(model: job.choice.model, mix: job.choice.style ?? "", threads: 1)
        request.brush = 0
        let stylizer: Stylizer
        if let index = stylizers.firstIndex(where: { $0.model == job.choice.model }) {
            stylizer = stylizers.remove(at: index).stylizer
        } else {
            stylizer = try Stylizer(request)
        }
        stylizers.append((job.choice.model, stylizer))
        if stylizers.count > keptModels { stylizers.removeFirst() }
        return try job.frame.withPixels { pixels in
            func height(_ width: Int) -> Int { max(1, (pixels.height * width + pixels.width / 2) / pixels.width) }
            let width = min(paintedWidth, pixels.width)
            let small = pixels.networkImage(width: width, height: height(width), threads: 1)
            let painting = try paint(small, with: stylizer, request)
            let shown = min(job.width, width)
            return try painting.resized(width: shown, height: height(shown)).encoded(as: .jpg, path: "a thumbnail")
        }
    }

    /// - Parameter image: in network space; the result is in picture space.
    private static func paint(_ image: Image, with stylizer: Stylizer, _ request: StyleRequest) throws -> Image {
        let layout = PixelLayout.rgb
        var bytes = [UInt8](repeating: 0, count: image.pixelCount * layout.bytesPerPixel)
        return try bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return image }
            let pixels = FramePixels(
                PackedPixels(
                    base: base, stride: image.width * layout.bytesPerPixel, width: image.width, height: image.height,
                    layout: layout))
            pixels.store(image, threads: 1)
            let frame = StyleFrame(pixels: pixels, isDiscontinuous: true, time: 0)
            let result = try stylizer.stylize(frame, request: request, fade: 0)
            if let failure = result.failure { throw failure }
            return pixels.pictureImage(threads: 1)
        }
    }
}
