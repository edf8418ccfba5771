import CKernels

/// Paints over frames with paintings of any size, which are brought up to the frame's size by cubic interpolation or, with
/// a guide, by guided upsampling: see ``PaintingFit``. Memory is kept from frame to frame.
package struct FramePainter {
    /// How a painting covers a frame.
    package struct Covering {
        /// Opacity, 0...1.
        package var strength: Float
        /// Take luma from the painting and chroma from the frame.
        package var preservesColor: Bool
        /// Multiplies the opacity at each pixel: 0 (the frame's pixel stays) to 255. Of any size, since it covers the
        /// frame; nil: 255 everywhere.
        package var mask: Plane<UInt8>?

        package init(strength: Float = 1, preservesColor: Bool = false, mask: Plane<UInt8>? = nil) {
            self.strength = strength
            self.preservesColor = preservesColor
            self.mask = mask
        }
    }

    /// Rows per task: constant, so that results do not depend on the number of threads; a multiple of the spacing of
    /// chroma, so that no row of chroma depends on luma of two tasks.
    private static let rowsPerTask = 64

    private var fit = PaintingFit()

    package init() {}

    /// Paints over a frame. Alpha or padding is unchanged.
    ///
    /// - Parameters:
    ///   - painting: in network space.
    ///   - input: what the painting was painted from, in network space, of the same size: the guide. nil: cubic
    ///     interpolation alone.
    package mutating func paint(
        _ painting: Image, from input: Image? = nil, over frame: FramePixels, covering: Covering = Covering(),
        threads: Int = 0
    ) {
        guard frame.width > 0, frame.height > 0, !painting.samples.isEmpty else { return }
        fit.update(painting, from: input, of: frame.colors, threads: threads)
        MaskRows.with(covering.mask, width: frame.width, height: frame.height, threads: threads) { mask in
            switch frame.storage {
            case .packed(let pixels): paint(over: pixels, covering, mask, threads)
            case .planar(let luma, let blue, let red):
                paint(over: (luma, blue, red), range: frame.colors.range, covering, mask, threads)
            }
        }
    }

    private func paint(over pixels: PackedPixels, _ covering: Covering, _ mask: MaskRows?, _ threads: Int) {
        let grid = (columns: SampleGrid(covering: pixels.width), rows: SampleGrid(covering: pixels.height))
        let covering = kernel_covering(strength: covering.strength, keeps_color: covering.preservesColor ? 1 : 0)
        let view = pixels.kernelPixels
        let enlarged = EnlargedRows(of: fit, planes: 0..<(fit.isGuided ? 6 : 3), columns: grid.columns, rows: grid.rows)
        Self.forEachTask(pixels.height, threads) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: pixels.width) { scratch in
                enlarged.forEach(in: rows(grid.rows)) { y, lines in
                    let line = mask?.row(y, columns: grid.columns, rows: grid.rows, into: scratch.baseAddress)
                    kernel_paint_pixels(view, Int32(y), lines, pixels.width, fit.isGuided ? 1 : 0, covering, line)
                }
            }
        }
    }

    private func paint(
        over components: (luma: FrameComponent, blue: FrameComponent, red: FrameComponent),
        range: [ClosedRange<Float>], _ covering: Covering, _ mask: MaskRows?, _ threads: Int
    ) {
        func painter(_ index: Int, _ component: FrameComponent) -> ComponentPainter {
            ComponentPainter(
                component, index: index, of: fit, range: range[index], strength: covering.strength, mask: mask)
        }
        let luma = painter(0, components.luma)
        let chroma = covering.preservesColor ? [] : [painter(1, components.blue), painter(2, components.red)]
        Self.forEachTask(components.luma.rows.count, threads) { rows in
            // Chroma first: its guide is the frame's luma.
            for part in chroma { part.paint(rows(part.rows), guide: components.luma) }
            luma.paint(rows(luma.rows), guide: nil)
        }
    }

    /// Runs `body` for parts of a frame. Its argument gives a component's rows in the part.
    private static func forEachTask(_ height: Int, _ threads: Int, _ body: ((SampleGrid) -> Range<Int>) -> Void) {
        parallel((height + rowsPerTask - 1) / rowsPerTask, threads: threads) { task in
            body { grid in
                let rows = rowsPerTask / grid.spacing
                return min(task * rows, grid.count)..<min((task + 1) * rows, grid.count)
            }
        }
    }
}

/// Paints over one component of a frame.
private struct ComponentPainter {
    private let component: FrameComponent
    private let enlarged: EnlargedRows
    private let isGuided: Bool
    private let range: ClosedRange<Float>
    private let strength: Float
    private let mask: MaskRows?

    var rows: SampleGrid { component.rows }

    init(
        _ component: FrameComponent, index: Int, of fit: PaintingFit, range: ClosedRange<Float>, strength: Float,
        mask: MaskRows?
    ) {
        self.mask = mask
        self.component = component
        self.range = range
        self.strength = strength
        isGuided = fit.isGuided
        enlarged = EnlargedRows(
            of: fit, planes: fit.isGuided ? [index, 3 + index] : [index], columns: component.columns,
            rows: component.rows)
    }

    /// - Parameter luma: the guide of a component of chroma; nil: the component is its own guide.
    func paint(_ rows: Range<Int>, guide luma: FrameComponent?) {
        let width = component.columns.count
        let target = component.kernelComponent
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * width) { scratch in
            guard let line = scratch.baseAddress else { return }
            enlarged.forEach(in: rows) { y, lines in
                let slope = isGuided ? lines + width : nil
                let guide = isGuided && luma != nil ? line + width : nil
                if let luma, let guide {
                    luma.average(around: y, columns: component.columns, rows: component.rows, into: guide)
                }
                let opacity = mask?.row(
                    y, columns: component.columns, rows: component.rows, into: line + 2 * width)
                kernel_paint_component(
                    target, Int32(y), lines, slope, guide, range.lowerBound, range.upperBound, strength, opacity, line)
            }
        }
    }
}
