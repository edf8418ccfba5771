import Flow
import Imaging
import MediaIO
import Training

/// What the samples of training cost, and what they look like.
enum TrainingData {
    static let usage =
        "PHOTOS [--mix MIX] [--size 176] [--sheets DIR] (milliseconds of a batch of four on one core, by frames: median, greatest; or sheets to look at)"

    static func run(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var rest = arguments[...]
        while rest.count > 2, let value = rest.popLast(), let name = rest.popLast() { options[name] = value }
        guard let folder = rest.first, rest.count == 1 else {
            throw BenchmarkError("usage: pentimento-bench training-data \(usage)")
        }
        let mix = try options["--mix"].map { try SequenceMix(parsing: $0) } ?? SequenceMix()
        let size = options["--size"].flatMap { Int($0) } ?? 176
        let clock = ContinuousClock()
        let start = clock.now
        let photos = try PhotoSet(folder: folder) { try Image(contentsOf: $0, over: 127) }
        let time = clock.now - start
        print("\(photos.training.count) + \(photos.heldBack.count) photographs in \(time)")
        for warning in photos.warnings { print(warning) }
        let sequences = SyntheticSequences(photographs: photos.training, mix: mix, seed: 1)
        if let sheets = options["--sheets"] {
            for step in 0..<12 {
                let batch = sequences.batch(step: step, count: 4, frames: 5, size: size)
                try sheet(batch).write(to: "\(sheets)/sequences-\(step).png", replacing: true)
            }
            return
        }
        for frames in [1, 2, 3, 5, 7, 9] {
            var times: [Duration] = []
            for step in 0..<51 {
                times.append(clock.measure { _ = sequences.batch(step: step, count: 4, frames: frames, size: size) })
            }
            times.sort()
            print("\(frames) frames: \(milliseconds(times[25]))  \(milliseconds(times[50]))")
        }
    }

    /// Three rows a sequence: the frames; each frame's predecessor warped to it, grey where that is not certain; how much
    /// they differ, eightfold.
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

    private static func milliseconds(_ time: Duration) -> String {
        let microseconds = time.components.attoseconds / 1_000_000_000_000
        return "\(microseconds / 1000).\(String(1000 + microseconds % 1000).dropFirst())"
    }
}

extension Image {
    fileprivate mutating func place(_ picture: Image, _ column: Int, _ row: Int) {
        let (left, top) = (column * (picture.width + 4), row * (picture.height + 4))
        for channel in 0..<3 {
            for y in 0..<picture.height {
                for x in 0..<picture.width {
                    samples[(channel * height + top + y) * width + left + x] =
                        picture.samples[(channel * picture.height + y) * picture.width + x]
                }
            }
        }
    }
}
