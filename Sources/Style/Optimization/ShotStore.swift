import Flow
import Imaging

/// The previous or the next frame.
public enum Neighbor: Sendable, CaseIterable {
    case earlier, later
}

/// Flow from a frame to a neighbour, with its certainty.
public struct NeighborMotion: Sendable {
    /// From the frame to the neighbour, at any resolution.
    public var flow: FlowField
    /// c, 0...1, at the flow's resolution.
    public var certainty: Plane<Float>

    /// - Precondition: both have one size.
    public init(flow: FlowField, certainty: Plane<Float>) {
        precondition(
            flow.width == certainty.width && flow.height == certainty.height, "a motion needs planes of one size")
        self.flow = flow
        self.certainty = certainty
    }
}

/// Storage of the shot that ``MultiPassOptimizer`` works on. Frames are counted from 0, passes from 1.
///
/// Only the latest pass's result of a frame is requested: it may replace the earlier one.
public protocol ShotStore: AnyObject {
    /// Number of frames of the shot.
    var frameCount: Int { get }
    /// Content of frame `index` in network space; all have one size.
    func frame(_ index: Int) throws -> Image
    /// From frame `index` to its neighbour, which exists.
    func motion(of index: Int, to neighbor: Neighbor) throws -> NeighborMotion
    /// Number of finished passes of frame `index`; 0: none.
    func passesDone(of index: Int) throws -> Int
    /// Result of frame `index` after `pass`, its latest one; in network space.
    func result(of index: Int, pass: Int) throws -> Image
    /// Stores a result atomically.
    func setResult(_ image: Image, of index: Int, pass: Int) throws
}

/// A shot kept in memory.
public final class MemoryShotStore: ShotStore {
    private let frames: [Image]
    private let motions: [[Neighbor: NeighborMotion]]
    private var results: [(image: Image, pass: Int)?]

    /// - Parameters:
    ///   - frames: in network space, of one size.
    ///   - motions: one dictionary per frame, with an entry for each neighbour it has.
    public init(frames: [Image], motions: [[Neighbor: NeighborMotion]]) {
        self.frames = frames
        self.motions = motions
        results = Array(repeating: nil, count: frames.count)
    }

    /// As many as were given to the initialiser.
    public var frameCount: Int { frames.count }

    /// - Precondition: `index` is below ``frameCount``.
    public func frame(_ index: Int) -> Image { frames[index] }

    /// - Throws: ``OptimizationError/shot(_:)`` if no such motion was given to the initialiser.
    public func motion(of index: Int, to neighbor: Neighbor) throws -> NeighborMotion {
        guard motions.indices.contains(index), let motion = motions[index][neighbor] else {
            throw OptimizationError.shot(
                "Frame \(index + 1) has no flow to the one \(neighbor == .earlier ? "before" : "after") it.")
        }
        return motion
    }

    /// - Precondition: `index` is below ``frameCount``.
    public func passesDone(of index: Int) -> Int { results[index]?.pass ?? 0 }

    /// - Throws: ``OptimizationError/shot(_:)`` unless `pass` is the frame's latest.
    public func result(of index: Int, pass: Int) throws -> Image {
        guard let result = results[index], result.pass == pass else {
            throw OptimizationError.shot("Frame \(index + 1) has no result of pass \(pass).")
        }
        return result.image
    }

    /// Replaces the result of an earlier pass.
    public func setResult(_ image: Image, of index: Int, pass: Int) { results[index] = (image, pass) }
}

extension NeighborMotion {
    /// The motion resampled for frames of another size.
    func resized(width: Int, height: Int, threads: Int) -> NeighborMotion {
        NeighborMotion(
            flow: flow.resized(width: width, height: height, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, threads: threads))
    }
}
