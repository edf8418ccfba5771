import Flow
import Imaging
import NeuralNet
import Sphere
import Style

/// Paints the frames of a walk through a panorama one after another, or the still panorama.
package struct SpherePainter {
    private let walk: MovingPanorama
    private let sequence: FaceSequence
    private let network: Network
    private let fill: PriorFill
    private let isStill: Bool
    private let threads: Int
    /// The frame that is next, from 1.
    private var frame = 1
    private var last: Image?

    /// - Parameters:
    ///   - network: of the size of a face with its overlap.
    ///   - isStill: whether the one frame is the panorama, split as by `cubemapsplit`.
    package init(
        _ walk: MovingPanorama, settings: FaceSequence.Settings, network: Network, isStill: Bool, threads: Int
    ) {
        (self.walk, self.network, self.isStill, self.threads) = (walk, network, isStill, threads)
        sequence = FaceSequence(geometry: walk.geometry, settings: settings)
        fill = settings.fill
    }

    /// The content of a frame, counted from 1, as stacked faces in network space.
    ///
    /// - Throws: if the panorama has another layout than a sphere's.
    package func content(_ frame: Int) throws -> Image {
        guard isStill else { return walk.frame(frame - 1).networkSpace() }
        let image = walk.panorama
        let layout = try SphereLayout.detect(width: image.width, height: image.height)
        return try CubeSplitter(
            from: layout, width: image.width, height: image.height, to: walk.geometry, threads: threads
        ).split(image).networkSpace()
    }

    /// Paints the next frame.
    ///
    /// - Parameters:
    ///   - content: that of the frame.
    ///   - motion: from it to the frame before, as the walk has it; nil for the first one.
    /// - Throws: errors of the network.
    package mutating func paint(
        _ content: Image, motion: (flow: FlowField, certainty: Plane<Float>)?
    ) throws -> Image {
        let side = walk.geometry.extendedSize
        sequence.seed = UInt64(frame)
        var prior: Prior?
        if let last, let motion {
            prior = Prior(
                warping: last, by: motion.flow, certainty: motion.certainty, fill: fill, seed: UInt64(frame),
                threads: threads)
        }
        let painted = try sequence.run(width: side, height: 6 * side, prior: prior, threads: threads) {
            [network] (face, prior, others, output) throws(Cancelled) in
            try network.run(
                index: face.index, content.block(rows: face.index * side..<(face.index + 1) * side),
                prior: prior?.image, certainty: prior?.certainty, beside: others,
                textureOffset: face.textureOffset, into: &output)
            return network.statistics
        }
        (last, frame) = (painted, frame + 1)
        return painted
    }
}
