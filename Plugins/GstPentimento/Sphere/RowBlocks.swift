import Flow
import Imaging
import Sphere

/// A frame's parts, cut across: one for pictures, six for the faces of a cube map, which have nothing to do with one another.
///
/// Elements work on each part as on a picture of its own and put the results together again. What has a resolution
/// of its own is cut at the same places.
struct RowBlocks: Equatable {
    let count: Int

    /// The faces where the frame is a cube map, else all of it as one.
    init(_ cubeMap: CubeMapMeta?) { count = cubeMap == nil ? 1 : CubeMapMeta.faceCount }

    /// The rows of each part of a picture that is `height` high; parts without any are left out.
    private func rows(of height: Int) -> [Range<Int>] {
        (0..<count).map { Imaging.part($0, of: count, in: height) }.filter { !$0.isEmpty }
    }

    func heights(of height: Int) -> [Int] { rows(of: height).map(\.count) }

    // MARK: Apart

    func cut<Value>(_ plane: Plane<Value>) -> [Plane<Value>] {
        if count == 1 { return [plane] }
        return rows(of: plane.height).map { plane.block(rows: $0) }
    }

    func cut(_ flow: FlowField) -> [FlowField] {
        if count == 1 { return [flow] }
        return rows(of: flow.height).map { rows in
            func block(_ values: [Float]) -> [Float] {
                Plane(width: flow.width, height: flow.height, values: values).block(rows: rows).values
            }
            return FlowField(width: flow.width, height: rows.count, u: block(flow.u), v: block(flow.v))
        }
    }

    func cut(_ flow: FlowPair) -> [FlowPair] {
        zip(cut(flow.backward), cut(flow.forward)).map { FlowPair(backward: $0, forward: $1) }
    }

    /// One part: no more of them than needed are there at a time.
    func part(_ index: Int, of image: Image) -> Image {
        count == 1 ? image : image.block(rows: rows(of: image.height)[index])
    }

    // MARK: Together

    /// A picture of parts that are made one after the other, each beginning in its row.
    ///
    /// - Precondition: they have the width, three channels and the heights of parts of a picture of `height`.
    func picture(width: Int, height: Int, making part: (_ index: Int) -> Image) -> Image {
        if count == 1 { return part(0) }
        return Image(width: width, height: height) { target in
            guard let target = target.baseAddress else { return }
            for (index, rows) in rows(of: height).enumerated() {
                let part = part(index)
                part.samples.withUnsafeBufferPointer { source in
                    guard let source = source.baseAddress else { return }
                    // Channel by channel, so that threads share what is new memory.
                    parallel(3, threads: 0) { channel in
                        (target + (channel * height + rows.lowerBound) * width)
                            .update(from: source + channel * part.pixelCount, count: part.pixelCount)
                    }
                }
            }
        }
    }

    /// - Precondition: parts of one width, at least one.
    func join<Value>(_ parts: [Plane<Value>]) -> Plane<Value> {
        if parts.count == 1 { return parts[0] }
        return Plane(
            width: parts[0].width, height: parts.reduce(0) { $0 + $1.height }, values: joined(parts.map(\.values)))
    }

    /// - Precondition: parts of one width, at least one.
    func join(_ parts: [FlowField]) -> FlowField {
        if parts.count == 1 { return parts[0] }
        return FlowField(
            width: parts[0].width, height: parts.reduce(0) { $0 + $1.height }, u: joined(parts.map(\.u)),
            v: joined(parts.map(\.v)))
    }

    func join(_ parts: [FlowPair]) -> FlowPair {
        FlowPair(backward: join(parts.map(\.backward)), forward: join(parts.map(\.forward)))
    }
}

/// One array after the other. Several threads do it, for most of the time goes into having new memory.
private func joined<Value>(_ arrays: [[Value]]) -> [Value] {
    let count = arrays.reduce(0) { $0 + $1.count }
    return Array(unsafeUninitializedCapacity: count) { target, initialized in
        useLargePages(UnsafeMutableRawBufferPointer(target))
        guard let target = target.baseAddress else { return }
        parallel(arrays.count) { index in
            let first = arrays[..<index].reduce(0) { $0 + $1.count }
            arrays[index].withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                (target + first).initialize(from: source, count: arrays[index].count)
            }
        }
        initialized = count
    }
}
