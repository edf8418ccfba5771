import Conversions
import Flow
import Glibc
import Imaging
import MediaIO
import Training

/// Times the generation of training samples, or draws them.
enum TrainingData {
    static let usage =
        "PHOTOS [--mix MIX] [--size 176] [--videos DIR --cache DIR] [--sheets DIR] (CPU milliseconds for a batch of four, by number of frames: median, maximum; or contact sheets)"

    static func run(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var rest = arguments[...]
        while rest.count > 2, let value = rest.popLast(), let name = rest.popLast() { options[name] = value }
        guard let folder = rest.first, rest.count == 1 else {
            throw BenchmarkError("usage: pentimento-bench training-data \(usage)")
        }
        let mix = try options["--mix"].map { try SequenceMix(parsing: $0) } ?? SequenceMix()
        let size = options["--size"].flatMap { Int($0) } ?? 176
        let photos = try timed {
            try PhotoSet(folder: folder) { try Image(contentsOf: $0, over: 127, takesFirstFrame: true) }
        }
        print("\(photos.training.count) + \(photos.heldOut.count) photographs")
        for warning in photos.warnings { print(warning) }
        var source: any SequenceSource = SyntheticSequences(photographs: photos.training, mix: mix, seed: 1)
        if let videos = options["--videos"] {
            let clips = try timed {
                try ClipSet(folder: videos, cache: options["--cache"] ?? "\(videos)-cache", seed: 1) { path in
                    let reader = try FrameReader(path)
                    return { try reader.next()?.image }
                }
            }
            print("\(clips.segmentCount) clip segments")
            for warning in clips.warnings { print(warning) }
            source = clips
        }
        if let sheets = options["--sheets"] {
            for step in 0..<12 {
                let batch = try source.batch(step: step, count: 4, frames: 5, size: size)
                try sheet(batch).write(to: "\(sheets)/sequences-\(step).png", replacing: true)
            }
            return
        }
        for frames in [1, 2, 3, 5, 7, 9] {
            var times: [Double] = []
            for step in 0..<51 {
                let start = processorTime
                _ = try source.batch(step: step, count: 4, frames: frames, size: size)
                times.append(processorTime - start)
            }
            times.sort()
            print("\(frames) frames: \(rounded(times[25]))  \(rounded(times[50]))")
        }
    }

    /// Three rows per sequence: the frames; each frame's predecessor warped to it, grey where uncertain; their
    /// difference times 8.
    private static func sheet(_ batch: [TrainingSequence]) -> Image {
        let (frames, size) = (batch[0].frames.count, batch[0].frames[0].width)
        var sheet = Image(width: frames * (size + 4), height: batch.count * 3 * (size + 4), repeating: 255)
        for (row, sequence) in batch.enumerated() {
            for (column, frame) in sequence.frames.enumerated() {
                sheet.place(frame.pictureSpace(), column, 3 * row)
                guard column > 0 else { continue }
                let motion = sequence.motions[column - 1]
                var warped = sequence.frames[column - 1].warped(by: motion.flow, interpolation: .bicubic)
                var difference = Image(width: size, height: size, repeating: 128)
                for pixel in 0..<frame.pixelCount {
                    for sample in stride(from: pixel, to: 3 * frame.pixelCount, by: frame.pixelCount) {
                        if motion.certainty.values[pixel] == 1 {
                            difference.samples[sample] += 8 * (warped.samples[sample] - frame.samples[sample])
                        } else {
                            warped.samples[sample] = 0
                        }
                    }
                }
                sheet.place(warped.pictureSpace(), column, 3 * row + 1)
                sheet.place(difference, column, 3 * row + 2)
            }
        }
        return sheet
    }

    private static func timed<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { print("in \(ContinuousClock.now - start)") }
        return try body()
    }

    /// CPU time of this thread in milliseconds.
    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension Image {
    fileprivate mutating func place(_ image: Image, _ column: Int, _ row: Int) {
        place(image, left: column * (image.width + 4), top: row * (image.height + 4))
    }
}
