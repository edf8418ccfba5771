import CGStreamer
import Imaging

/// The components of a mapped frame.
struct MappedFrame {
    private let frame: GstVideoFrame
    private let format: VideoFormat

    init(_ frame: GstVideoFrame, _ format: VideoFormat) {
        self.frame = frame
        self.format = format
    }

    /// A view of the pixels from `origin` on; nil if a component does not lie within the mapped memory.
    func pixels(_ origin: (x: Int, y: Int)) -> FramePixels? {
        if let layout = format.layout {
            let pixel = SampleGrid(covering: format.width)
            let rows = SampleGrid(covering: format.height)
            let stride = strides[0]
            guard
                let base = address(
                    plane: 0, offset: origin.y * stride + origin.x * layout.bytesPerPixel, stride: stride,
                    step: layout.bytesPerPixel, size: layout.bytesPerPixel, columns: pixel, rows: rows)
            else { return nil }
            return FramePixels(
                PackedPixels(base: base, stride: stride, width: format.width, height: format.height, layout: layout))
        }
        guard let luma = component(0, origin), let blue = component(1, origin), let red = component(2, origin) else {
            return nil
        }
        return FramePixels(luma: luma, blue: blue, red: red, colors: colors)
    }

    private func component(_ index: Int, _ origin: (x: Int, y: Int)) -> FrameComponent? {
        guard let format = frame.info.finfo?.pointee else { return nil }
        let plane = Int(values(format.plane)[index])
        let (across, down) = (Int(values(format.w_sub)[index]), Int(values(format.h_sub)[index]))
        let (step, stride) = (Int(values(format.pixel_stride)[index]), strides[plane])
        let bits = Int(values(format.depth)[index])
        let site = frame.info.chroma_site.rawValue
        func shift(_ subsampling: Int, _ cosited: GstVideoChromaSite) -> Double {
            subsampling > 0 && site & cosited.rawValue != 0 ? -0.5 * Double((1 << subsampling) - 1) : 0
        }
        // MPEG-2's is the usual position: between the rows, on the first column.
        let isUnknown = site == GST_VIDEO_CHROMA_SITE_UNKNOWN.rawValue
        let columns = SampleGrid(
            covering: self.format.width, spacing: 1 << across,
            shift: isUnknown && across > 0
                ? -0.5 * Double((1 << across) - 1) : shift(across, GST_VIDEO_CHROMA_SITE_H_COSITED))
        let rows = SampleGrid(
            covering: self.format.height, spacing: 1 << down, shift: shift(down, GST_VIDEO_CHROMA_SITE_V_COSITED))
        // GStreamer 1.22 counts samples, not bytes, in P010.
        let start = Int(values(format.poffset)[index])
        let offset =
            (bits > 8 && start % 2 != 0 ? 2 * start : start) + (origin.y >> down) * stride + (origin.x >> across) * step
        guard
            let base = address(
                plane: plane, offset: offset, stride: stride, step: step, size: bits > 8 ? 2 : 1, columns: columns,
                rows: rows)
        else { return nil }
        return FrameComponent(
            base: base, stride: stride, step: step, columns: columns, rows: rows, bits: bits,
            shift: Int(values(format.shift)[index]))
    }

    /// The address of a component's first sample; nil if its samples do not lie within the mapped memory.
    ///
    /// - Parameters:
    ///   - offset: bytes from the plane's first to the component's.
    ///   - size: bytes of a sample.
    private func address(
        plane: Int, offset: Int, stride: Int, step: Int, size: Int, columns: SampleGrid, rows: SampleGrid
    ) -> UnsafeMutableRawPointer? {
        let row = (columns.count - 1) * step + size
        guard let base = values(frame.data)[plane], stride > 0, rows.count == 1 || stride >= row else { return nil }
        let last = offset + (rows.count - 1) * stride + row
        // Planes may be in one memory or in several.
        let isHeld = values(frame.map).contains { map in
            guard let memory = map.data else { return false }
            let before = base - UnsafeMutableRawPointer(memory)
            return before >= 0 && before <= Int(clamping: map.size) && last <= Int(clamping: map.size) - before
        }
        return isHeld ? base + offset : nil
    }

    private var strides: [Int] { values(frame.info.stride).map(Int.init) }

    /// The meaning of luma and chroma by the caps' colorimetry; BT.601 or BT.709 by the size if they have none.
    private var colors: FrameColors {
        let colorimetry = frame.info.colorimetry
        var (red, blue) = (0.0, 0.0)
        if gst_video_color_matrix_get_Kr_Kb(colorimetry.matrix, &red, &blue) == 0 {
            (red, blue) = format.height > 576 ? (0.2126, 0.0722) : (0.299, 0.114)
        }
        return .yuv(
            red: red, blue: blue, isFull: colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255,
            bits: Int(frame.info.finfo.map { values($0.pointee.depth)[0] } ?? 8))
    }

    /// The elements of a C array of four.
    private func values<Value>(_ array: (Value, Value, Value, Value)) -> [Value] {
        [array.0, array.1, array.2, array.3]
    }
}
