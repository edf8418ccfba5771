import Flow
import Imaging
import Support

/// A segment on disk, from which windows are read.
struct ClipSegmentFile: Sendable {
    let path: String
    let layout: ClipSegmentLayout

    /// Nil if the file is missing or damaged.
    init?(_ path: String) {
        guard let start = try? Files.start(of: path, count: ClipSegmentLayout.headerLength),
            let layout = ClipSegmentLayout(header: start.bytes, fileLength: start.fileLength)
        else { return nil }
        self.path = path
        self.layout = layout
    }

    /// Reads a square window of some frames, in any direction of time.
    ///
    /// - Parameters:
    ///   - frames: indices of frames in the segment; consecutive ones are neighbours.
    ///   - side: of the window in pixels, at most the frames' shorter side.
    ///   - mirrored: whether to flip horizontally.
    /// - Throws: `FileError` if the file is gone.
    func sequence(frames: [Int], x: Int, y: Int, side: Int, mirrored: Bool) throws -> TrainingSequence {
        let window = Window(x: x, y: y, side: side, rowLength: layout.width, mirrored: mirrored)
        let images = try frames.map { frame in
            let bytes = try window.read(path, at: layout.offset(ofFrame: frame), bytesPerPixel: 3)
            return window.image(bytes)
        }
        let motions = try zip(frames, frames.dropFirst()).map { earlier, later in
            let offset = layout.offset(ofFlow: min(earlier, later), forward: later < earlier)
            let u = try window.read(path, at: offset, bytesPerPixel: 2)
            let v = try window.read(path, at: offset + 2 * layout.width * layout.height, bytesPerPixel: 2)
            let certain = try window.read(path, at: layout.certainty(ofFlowAt: offset), bytesPerPixel: 1)
            return window.motion(u: u, v: v, certain: certain)
        }
        return TrainingSequence(frames: images, motions: motions)
    }
}

/// A square window of a frame.
private struct Window {
    let x: Int
    let y: Int
    let side: Int
    /// Pixels per row of the frame.
    let rowLength: Int
    let mirrored: Bool

    /// Reads the whole rows that the window covers.
    func read(_ path: String, at offset: Int, bytesPerPixel: Int) throws -> [UInt8] {
        let length = side * rowLength * bytesPerPixel
        var failure: (any Error)?
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: length)
            do {
                try Files.read(path, from: [(offset + y * rowLength * bytesPerPixel, target)])
                count = length
            } catch {
                failure = error
                count = 0
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Position of the window's column in a row of the frame.
    private func sourceColumn(_ column: Int) -> Int { x + (mirrored ? side - 1 - column : column) }

    /// Converts to network space.
    func image(_ bytes: [UInt8]) -> Image {
        let means = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        var image = Image(width: side, height: side)
        for channel in 0..<3 {
            for row in 0..<side {
                let target = (channel * side + row) * side
                for column in 0..<side {
                    let value = bytes[(row * rowLength + sourceColumn(column)) * 3 + 2 - channel]
                    image.samples[target + column] = Float(value) - means[channel]
                }
            }
        }
        return image
    }

    /// Certain where the flow is certain and its target lies in the window.
    func motion(u: [UInt8], v: [UInt8], certain: [UInt8]) -> Motion {
        var flow = FlowField(width: side, height: side)
        var certainty = Plane<Float>(width: side, height: side, repeating: 0)
        let inside = 0...Float(side - 1)
        func vector(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Float {
            let value = bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)
            return Float(Int16(littleEndian: value)) * ClipSegment.QuantizedFlow.unit
        }
        u.withUnsafeBytes { u in
            v.withUnsafeBytes { v in
                for row in 0..<side {
                    for column in 0..<side {
                        let (source, pixel) = (row * rowLength + sourceColumn(column), row * side + column)
                        let across = vector(u, source)
                        flow.u[pixel] = mirrored ? -across : across
                        flow.v[pixel] = vector(v, source)
                        let isInside =
                            inside.contains(Float(column) + flow.u[pixel])
                            && inside.contains(Float(row) + flow.v[pixel])
                        if isInside && certain[source] == 1 { certainty.values[pixel] = 1 }
                    }
                }
            }
        }
        return Motion(flow: flow, certainty: certainty)
    }
}
