import Flow
import Imaging

/// The frame beside another one.
public enum Neighbor: Sendable, CaseIterable {
    case earlier, later
}

/// Where a frame's pixels are in a neighbour of it.
public struct NeighborMotion: Sendable {
    /// From the frame to the neighbour, at any resolution.
    public var flow: FlowField
    /// c, 0...1, at the flow's resolution.
    public var certainty: Plane<Float>

    /// - Precondition: both are of one size.
    public init(flow: FlowField, certainty: Plane<Float>) {
        precondition(
            flow.width == certainty.width && flow.height == certainty.height, "a motion needs planes of one size")
        self.flow = flow
        self.certainty = certainty
    }
}

/// A shot that ``MultiPassOptimizer`` works on, wherever it is kept. Frames are counted from 0, passes from 1.
///
/// Only the latest pass's result of a frame is ever asked for: an earlier one may go as soon as it is kept.
public protocol ShotStore: AnyObject {
    var frameCount: Int { get }
    /// In network space; all of one size.
    func frame(_ index: Int) throws -> Image
    /// From frame `index` to its neighbour, which exists.
    func motion(of index: Int, to neighbor: Neighbor) throws -> NeighborMotion
    /// How many passes frame `index` has behind it; 0: none.
    func passesDone(of index: Int) throws -> Int
    /// What pass `pass`, frame `index`'s latest, made of it; in network space.
    func result(of index: Int, pass: Int) throws -> Image
    /// Keeps a result, wholly or not at all.
    func setResult(_ image: Image, of index: Int, pass: Int) throws
}

/// A shot in memory.
public final class MemoryShotStore: ShotStore {
    private let frames: [Image]
    private let motions: [[Neighbor: NeighborMotion]]
    private var results: [(image: Image, pass: Int)?]

    /// - Parameters:
    ///   - frames: in network space, of one size.
    ///   - motions: one for each frame, with the neighbours that it has.
    public init(frames: [Image], motions: [[Neighbor: NeighborMotion]]) {
        self.frames = frames
        self.motions = motions
        results = Array(repeating: nil, count: frames.count)
    }

    public var frameCount: Int { frames.count }

    public func frame(_ index: Int) -> Image { frames[index] }

    public func motion(of index: Int, to neighbor: Neighbor) throws -> NeighborMotion {
        guard motions.indices.contains(index), let motion = motions[index][neighbor] else {
            throw OptimizationError.shot(
                "Frame \(index + 1) has no flow to the one \(neighbor == .earlier ? "before" : "after") it.")
        }
        return motion
    }

    public func passesDone(of index: Int) -> Int { results[index]?.pass ?? 0 }

    public func result(of index: Int, pass: Int) throws -> Image {
        guard let result = results[index], result.pass == pass else {
            throw OptimizationError.shot("Frame \(index + 1) has no result of pass \(pass).")
        }
        return result.image
    }

    public func setResult(_ image: Image, of index: Int, pass: Int) { results[index] = (image, pass) }
}

extension NeighborMotion {
    /// The motion for pictures of another size.
    func resized(width: Int, height: Int, threads: Int) -> NeighborMotion {
        NeighborMotion(
            flow: flow.resized(width: width, height: height, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, threads: threads))
    }
}
