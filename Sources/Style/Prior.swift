import Flow
import Imaging
import Support

/// What uncertain pixels of the prior hold (paper 8.3).
public enum PriorFill: String, CaseIterable, Sendable {
    /// The mean colour: zero in network space.
    case mean
    /// Colours drawn evenly from 0...255.
    case noise
}

/// What the network is told of the frame before: its result, moved to where things are now, and how far to trust it.
public struct Prior: Sendable {
    /// In network space, uncertain pixels filled: as the network gets it.
    public package(set) var image: Image
    /// 0...1, of the image's size.
    public package(set) var certainty: Plane<Float>

    /// - Precondition: image and certainty are of one size.
    public init(image: Image, certainty: Plane<Float>) {
        precondition(
            image.width == certainty.width && image.height == certainty.height, "a prior's planes have one size")
        self.image = image
        self.certainty = certainty
    }

    /// Warps the last result along and fills it where it is not to be trusted.
    ///
    /// - Parameters:
    ///   - last: the result of the frame before, in network space, at the network's resolution.
    ///   - flow: from this frame to the one before, at any resolution.
    ///   - certainty: of `flow`, 0...1, at any resolution.
    ///   - seed: what noise is drawn from; a different one a frame, so that it does not stand still.
    ///   - parts: how many pictures of their own lie one below the other in the frames; nothing flows from one into another.
    public init(
        warping last: Image, by flow: FlowField, certainty: Plane<Float>, interpolation: Interpolation = .bicubic,
        fill: PriorFill = .mean, seed: UInt64 = 0, parts: Int = 1, threads: Int = 0
    ) {
        let motion = FrameMotion(flow: flow, certainty: certainty)
            .resized(width: last.width, height: last.height, parts: parts, threads: threads)
        let (flow, certainty) = (motion.flow, motion.certainty)
        var warped = last.warped(
            by: flow, interpolation: interpolation, certainty: certainty, parts: parts, threads: threads)
        if fill == .noise { warped.addNoise(where: certainty, seed: seed, threads: threads) }
        self.init(image: warped, certainty: certainty)
    }

    /// A prior that knows nothing.
    public static func empty(width: Int, height: Int, fill: PriorFill, seed: UInt64 = 0, threads: Int = 0) -> Prior {
        let certainty = Plane<Float>(width: width, height: height, repeating: 0)
        var image = Image(width: width, height: height)
        if fill == .noise { image.addNoise(where: certainty, seed: seed, threads: threads) }
        return Prior(image: image, certainty: certainty)
    }

    /// The prior at another resolution; itself if it has that already.
    ///
    /// - Parameter parts: how many pictures of their own lie one below the other in the frames.
    func resized(width: Int, height: Int, parts: Int = 1, threads: Int) -> Prior {
        if width == image.width && height == image.height { return self }
        return Prior(
            image: image.resized(width: width, height: height, parts: parts, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, parts: parts, threads: threads))
    }
}

extension Image {
    /// Becomes `self + (1 - certainty) * noise`, in network space; the mean would be 0.
    mutating func addNoise(where certainty: Plane<Float>, seed: UInt64, threads: Int) {
        let width = width
        let height = height
        let means = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        forEachLine(threads: threads) { channel, y, line in
            certainty.values.withUnsafeBufferPointer { values in
                let certain = values[(y * width)..<((y + 1) * width)]
                guard channel < means.count else { return }
                var noise = SplitMix(seed: seed &+ UInt64(channel * height + y) &* 0xD1B5_4A32_D192_ED03)
                for x in 0..<width {
                    let filling = noise.nextUnit() * 255 - means[channel]
                    line[x] += (1 - certain[certain.startIndex + x]) * filling
                }
            }
        }
    }

    /// Runs `body` on every row of every channel, on several threads.
    mutating func forEachLine(
        threads: Int, _ body: (_ channel: Int, _ y: Int, _ line: UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let width = width
        let height = height
        let lines = channels * height
        samples.withUnsafeMutableBufferPointer { samples in
            let all = samples
            parallel((lines + linesPerTask - 1) / linesPerTask, threads: threads) { task in
                for line in (task * linesPerTask)..<min((task + 1) * linesPerTask, lines) {
                    let row = UnsafeMutableBufferPointer(rebasing: all[(line * width)..<((line + 1) * width)])
                    body(line / height, line % height, row)
                }
            }
        }
    }
}

private let linesPerTask = 32
