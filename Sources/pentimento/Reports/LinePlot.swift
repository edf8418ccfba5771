import Glibc

/// A line plot in SVG: panels below each other with a common horizontal axis, each with its own vertical axis.
struct LinePlot {
    struct Point: Equatable {
        let x: Double
        let y: Double
    }

    struct Series {
        let name: String
        /// Points, sorted by x. Values that are not finite, or not above 0 on a logarithmic axis, are left out.
        let points: [Point]
        /// Whether each point has a marker.
        var isMarked = false
    }

    struct Panel {
        let title: String
        let series: [Series]
        var isLogarithmic = false
        /// Value of a horizontal reference line.
        var reference: Double?
    }

    let title: String
    /// Label of the horizontal axis.
    let axis: String
    let panels: [Panel]

    private static let width = 720.0
    private static let panelHeight = 230.0
    private static let (left, right, top, bottom) = (64.0, 150.0, 34.0, 34.0)
    /// A palette that is safe for colour-blind readers (Okabe and Ito 2008).
    private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#000000"]

    /// The SVG document. Panels without points are left out.
    func svg() -> String {
        let drawn = panels.compactMap { panel in Frame(panel).map { (panel, $0) } }
        let height = 40 + Double(max(1, drawn.count)) * Self.panelHeight
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(Self.width)) \(number(height))\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            text(title, x: Self.left, y: 24, size: 15),
        ]
        if drawn.isEmpty { lines.append(text("nothing has been measured yet", x: Self.left, y: 80)) }
        for (index, (panel, frame)) in drawn.enumerated() {
            lines.append("<g transform=\"translate(0 \(number(36 + Double(index) * Self.panelHeight)))\">")
            lines += self.panel(panel, frame, isLast: index == drawn.count - 1)
            lines.append("</g>")
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private func panel(_ panel: Panel, _ frame: Frame, isLast: Bool) -> [String] {
        var lines = [text(panel.title, x: Self.left, y: Self.top - 10, weight: "bold")]
        for tick in frame.yTicks {
            let y = frame.y(tick)
            lines.append(line(from: (Self.left, y), to: (Self.width - Self.right, y), color: "#e4e4e4"))
            lines.append(text(label(tick), x: Self.left - 6, y: y + 4, anchor: "end", color: "#555555"))
        }
        for tick in frame.xTicks {
            let x = frame.x(tick)
            lines.append(
                line(from: (x, Frame.bottomEdge), to: (x, Frame.bottomEdge + 4), color: "#555555"))
            lines.append(
                text(label(tick), x: x, y: Frame.bottomEdge + 17, anchor: "middle", color: "#555555"))
        }
        if isLast {
            lines.append(text(axis, x: Self.width - Self.right + 10, y: Frame.bottomEdge + 17, color: "#555555"))
        }
        if let reference = panel.reference, frame.yRange.contains(reference) {
            let y = frame.y(reference)
            lines.append(line(from: (Self.left, y), to: (Self.width - Self.right, y), color: "#999999", dashes: "4 3"))
        }
        let shown = panel.series.map { ($0, frame.drawable($0.points)) }.filter { !$0.1.isEmpty }
        for (index, (series, points)) in shown.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let positions = points.map { (frame.x($0.x), frame.y($0.y)) }
            let path = positions.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
            lines.append(
                "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.6\" stroke-linejoin=\"round\" points=\"\(path)\"/>"
            )
            if series.isMarked || points.count == 1 {
                lines += positions.map {
                    "<circle cx=\"\(number($0.0))\" cy=\"\(number($0.1))\" r=\"2.4\" fill=\"\(color)\"/>"
                }
            }
            let y = Self.top + 8 + 17 * Double(index)
            let x = Self.width - Self.right + 10
            lines.append(line(from: (x, y - 4), to: (x + 16, y - 4), color: color, width: 2))
            lines.append(text(series.name, x: x + 21, y: y))
        }
        return lines
    }

    // MARK: Axes

    /// The plot area of a panel and the ranges of its axes.
    private struct Frame {
        static let bottomEdge = LinePlot.panelHeight - LinePlot.bottom
        let xRange: ClosedRange<Double>
        let yRange: ClosedRange<Double>
        let isLogarithmic: Bool

        /// Nil if there is nothing to draw.
        init?(_ panel: Panel) {
            isLogarithmic = panel.isLogarithmic
            let logarithmic = panel.isLogarithmic
            let points = panel.series.flatMap(\.points).filter { Self.isDrawable($0, logarithmic) }
            guard let first = points.first else { return nil }
            var (lowX, highX, low, high) = (first.x, first.x, first.y, first.y)
            for point in points {
                (lowX, highX) = (min(lowX, point.x), max(highX, point.x))
                (low, high) = (min(low, point.y), max(high, point.y))
            }
            if let reference = panel.reference, Self.isDrawable(Point(x: 0, y: reference), logarithmic) {
                (low, high) = (min(low, reference), max(high, reference))
            }
            xRange = min(0, lowX)...max(highX, lowX + 1)
            if logarithmic {
                // A range of at least a factor of two, with a margin.
                let middle = (low * high).squareRoot()
                yRange = min(low, middle / 1.5) * 0.9...max(high, middle * 1.5) * 1.1
            } else {
                yRange = min(0, low)...max(high * 1.05, low + 1e-9, 1e-9)
            }
        }

        static func isDrawable(_ point: Point, _ isLogarithmic: Bool) -> Bool {
            point.x.isFinite && point.y.isFinite && abs(point.y) < 1e30 && (!isLogarithmic || point.y > 1e-30)
        }

        func drawable(_ points: [Point]) -> [Point] { points.filter { Self.isDrawable($0, isLogarithmic) } }

        func x(_ value: Double) -> Double {
            let width = LinePlot.width - LinePlot.left - LinePlot.right
            return LinePlot.left + width * (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
        }

        func y(_ value: Double) -> Double {
            func scaled(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
            let (low, high) = (scaled(yRange.lowerBound), scaled(yRange.upperBound))
            let height = Self.bottomEdge - LinePlot.top
            return Self.bottomEdge - height * (scaled(value) - low) / (high - low)
        }

        var xTicks: [Double] { Self.ticks(xRange, count: 6) }

        var yTicks: [Double] {
            guard isLogarithmic else { return Self.ticks(yRange, count: 5) }
            let powers = Int(log10(yRange.lowerBound).rounded(.down))...Int(log10(yRange.upperBound).rounded(.up))
            let steps: [Double] = powers.count > 4 ? [1] : [1, 2, 5]
            return powers.flatMap { power in steps.map { $0 * pow(10, Double(power)) } }.filter(yRange.contains)
        }

        /// Multiples of 1, 2 or 5 times a power of ten, about `count` of them.
        private static func ticks(_ range: ClosedRange<Double>, count: Int) -> [Double] {
            let rough = (range.upperBound - range.lowerBound) / Double(count)
            let power = pow(10, log10(rough).rounded(.down))
            let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
            let first = Int((range.lowerBound / step).rounded(.up))
            let last = Int((range.upperBound / step).rounded(.down))
            return first <= last ? (first...last).map { Double($0) * step } : []
        }
    }

    // MARK: SVG

    private func line(
        from start: (Double, Double), to end: (Double, Double), color: String, width: Double = 1, dashes: String? = nil
    ) -> String {
        "<line x1=\"\(number(start.0))\" y1=\"\(number(start.1))\" x2=\"\(number(end.0))\" y2=\"\(number(end.1))\" "
            + "stroke=\"\(color)\" stroke-width=\"\(number(width))\"\(dashes.map { " stroke-dasharray=\"\($0)\"" } ?? "")/>"
    }

    private func text(
        _ words: String, x: Double, y: Double, size: Double = 12, anchor: String = "start", weight: String = "normal",
        color: String = "#000000"
    ) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\" text-anchor=\"\(anchor)\" "
            + "font-weight=\"\(weight)\" fill=\"\(color)\">\(escaped(words))</text>"
    }

    private func escaped(_ words: String) -> String {
        words.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.append(character)
            }
        }
    }

    /// A coordinate with one decimal, in short form.
    private func number(_ value: Double) -> String {
        let text = decimal(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The label of a tick.
    private func label(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1e6 || (size > 0 && size < 1e-3) {
            let power = Int(log10(size).rounded(.down))
            return "\(label(value / pow(10, Double(power))))e\(power)"
        }
        var text = decimal(value, size >= 10 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 4)
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text
    }
}
