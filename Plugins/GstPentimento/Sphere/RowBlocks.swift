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
        (0..<count).map { part($0, of: count, in: height) }.filter { !$0.isEmpty }
    }

    func heights(of height: Int) -> [Int] { rows(of: height).map(\.count) }

    // MARK: Apart

    func cut<Value>(_ plane: Plane<Value>) -> [Plane<Value>] {
        if count == 1 { return [plane] }
        return rows(of: plane.height).map(plane.block)
    }

    func cut(_ flow: FlowField) -> [FlowField] {
        if count == 1 { return [flow] }
        return rows(of: flow.height).map { rows in
            let pixels = rows.lowerBound * flow.width..<rows.upperBound * flow.width
            return FlowField(
                width: flow.width, height: rows.count, u: Array(flow.u[pixels]), v: Array(flow.v[pixels]))
        }
    }

    func cut(_ flow: FlowPair) -> [FlowPair] {
        zip(cut(flow.backward), cut(flow.forward)).map { FlowPair(backward: $0, forward: $1) }
    }

    func cut(_ image: Image) -> [Image] {
        if count == 1 { return [image] }
        return rows(of: image.height).map { image.block(rows: $0) }
    }

    // MARK: Together

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

    /// - Precondition: parts of one width and as many channels, at least one.
    func join(_ parts: [Image]) -> Image {
        if parts.count == 1 { return parts[0] }
        let (width, channels) = (parts[0].width, parts[0].channels)
        var samples: [Float] = []
        samples.reserveCapacity(parts.reduce(0) { $0 + $1.samples.count })
        for channel in 0..<channels {
            for part in parts {
                samples += part.samples[channel * part.pixelCount..<(channel + 1) * part.pixelCount]
            }
        }
        return Image(
            width: width, height: parts.reduce(0) { $0 + $1.height }, channels: channels, samples: samples)
    }
}

/// One array after the other, in memory that is asked for once.
private func joined<Value>(_ arrays: [[Value]]) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(arrays.reduce(0) { $0 + $1.count })
    for array in arrays { result += array }
    return result
}
