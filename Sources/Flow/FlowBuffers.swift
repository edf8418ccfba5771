import CKernels
import Synchronization

/// A bump allocator for zeroed floats, aligned for the widest vectors. Its memory lives as long as the object.
///
/// Swift arrays cannot give pointers that outlive a closure, and the kernels read beyond the ends of rows and planes.
///
/// Allocate from one thread only; the allocated memory may be read from several.
final class FlowArena: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private var used = 0

    /// Capacity for `count` floats. `take` rounds each allocation up to whole cache lines.
    init(count: Int) {
        capacity = count * MemoryLayout<Float>.stride
        base = .allocate(byteCount: max(capacity, 1), alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    }

    deinit { base.deallocate() }

    /// Frees all allocations; contents are kept.
    func reuse() { used = 0 }

    static func rounded(_ count: Int) -> Int { (count + 15) & ~15 }

    /// Allocates `count` floats.
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = FlowArena.rounded(count) * MemoryLayout<Float>.stride
        precondition(used + bytes <= capacity, "an arena is made for all that is taken from it")
        defer { used += bytes }
        return (base + used).assumingMemoryBound(to: Float.self)
    }
}

/// Reuses the memory of freed pyramids: fresh pages for each frame would cost more than filling them.
final class FlowArenaPool: Sendable {
    /// Maximum number of arenas kept; more are freed.
    private static let most = 4
    private let kept = Mutex<[(width: Int, height: Int, arena: FlowArena)]>([])

    /// An arena of `count` floats for a frame of this size: a zeroed one, or a used one from the same size.
    func take(width: Int, height: Int, count: Int) -> FlowArena {
        let arena = kept.withLock { kept in
            kept.firstIndex { $0.width == width && $0.height == height }.map { kept.remove(at: $0).arena }
        }
        arena?.reuse()
        return arena ?? FlowArena(count: count)
    }

    func put(_ arena: FlowArena, width: Int, height: Int) {
        kept.withLock { kept in
            kept.removeAll { $0.width != width || $0.height != height }
            if kept.count < FlowArenaPool.most { kept.append((width, height, arena)) }
        }
    }
}

extension flow_vectors {
    /// Floats for a field of this size: both planes, and the slack that kernels may touch around them.
    static func count(width: Int, height: Int) -> Int {
        2 * (stride(width) * height + 2 * Int(FLOW_SLACK))
    }

    private static func stride(_ width: Int) -> Int { (width + 31) & ~31 }

    init(width: Int, height: Int, in arena: FlowArena) {
        let stride = flow_vectors.stride(width)
        let plane = stride * height + 2 * Int(FLOW_SLACK)
        let u = arena.take(plane) + Int(FLOW_SLACK)
        let v = arena.take(plane) + Int(FLOW_SLACK)
        self.init(width: Int32(width), height: Int32(height), stride: Int32(stride), u: u, v: v)
    }
}
