import CKernels
import Glibc

/// Maps the colors of HDR video, BT.2020 with PQ or HLG (ITU-R BT.2100), to those of SDR, BT.709 for a display with a gamma of
/// 2.4 (BT.1886).
///
/// Luminance is reduced by the curve of ITU-R BT.2390 (5.4.1), applied to the largest of red, green and blue. SDR's white is
/// 203 cd/m², HDR's reference white (BT.2408). Colors outside of BT.709 are clipped to it.
public struct ToneMapping: Sendable {
    /// How code values stand for light.
    public enum Transfer: Sendable {
        /// Perceptual quantizer, SMPTE ST 2084.
        case pq
        /// Hybrid log-gamma, ARIB STD-B67, for a display of 1,000 cd/m².
        case hlg
    }

    /// Luminance of SDR's white in cd/m².
    private static let white = 203.0
    /// Entries of the table along each axis.
    private static let size = 33

    private let transfer: Transfer
    /// Luminance of the brightest color, in cd/m².
    private let peak: Double
    /// `size`³ colors of blue, green and red, 0...255.
    private let table: [Float]

    /// - Parameter peak: luminance of the brightest color in cd/m²; nil: 1,000. HLG has 1,000.
    public init(from transfer: Transfer, peak: Double? = nil) {
        self.transfer = transfer
        let peak = transfer == .hlg ? 1000 : min(max(peak ?? 1000, Self.white), 10_000)
        self.peak = peak
        let steps = (0..<Self.size).map { Double($0) / Double(Self.size - 1) }
        table = steps.flatMap { red in
            steps.flatMap { green in
                steps.flatMap { blue in
                    let color = Self.map(red, green, blue, transfer, peak)
                    return [color.blue, color.green, color.red].map { Float($0 * 255) }
                }
            }
        }
    }

    /// A color of SDR, 0...1, for a color of HDR, 0...1.
    package func map(red: Double, green: Double, blue: Double) -> (red: Double, green: Double, blue: Double) {
        Self.map(red, green, blue, transfer, peak)
    }

    /// Maps an image in network space; its values are code values in 8-bit levels. Interpolates in a table.
    /// - Precondition: three channels.
    public func apply(to image: inout Image, threads: Int = 0) {
        let (count, width, height) = (image.pixelCount, image.width, image.height)
        let mean = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        image.samples.withUnsafeMutableBufferPointer { samples in
            guard let first = samples.baseAddress else { return }
            nonisolated(unsafe) let start = first
            parallelRows(height, threads: threads) { rows in
                kernel_map_by_table(
                    start + rows.lowerBound * width, count, rows.count * width, mean, table, Int32(Self.size))
            }
        }
    }

    // MARK: One color

    private static func map(
        _ red: Double, _ green: Double, _ blue: Double, _ transfer: Transfer, _ peak: Double
    ) -> (red: Double, green: Double, blue: Double) {
        let light = light(red, green, blue, transfer)
        // From BT.2020's primaries to those of BT.709 (ITU-R BT.2087).
        let r = max(1.6605 * light.red - 0.5876 * light.green - 0.0728 * light.blue, 0)
        let g = max(-0.1246 * light.red + 1.1329 * light.green - 0.0083 * light.blue, 0)
        let b = max(-0.0182 * light.red - 0.1006 * light.green + 1.1187 * light.blue, 0)
        let most = max(r, g, b)
        let scale = most > 0 ? compressed(most, peak) / (most * white) : 0
        func encoded(_ value: Double) -> Double { pow(min(value * scale, 1), 1 / 2.4) }
        return (encoded(r), encoded(g), encoded(b))
    }

    /// Light on the display in cd/m².
    private static func light(
        _ red: Double, _ green: Double, _ blue: Double, _ transfer: Transfer
    ) -> (red: Double, green: Double, blue: Double) {
        switch transfer {
        case .pq: return (PQ.light(red), PQ.light(green), PQ.light(blue))
        case .hlg:
            let scene = [red, green, blue].map(HLG.light)
            let luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
            let scale = 1000 * pow(luminance, 0.2)
            return (scale * scene[0], scale * scene[1], scale * scene[2])
        }
    }

    /// Luminance in 0...`white` for one in 0...`peak` (BT.2390, 5.4.1, without a lift of black).
    private static func compressed(_ luminance: Double, _ peak: Double) -> Double {
        let (source, target) = (PQ.code(peak), PQ.code(white))
        let level = min(PQ.code(luminance) / source, 1)
        let most = target / source
        let knee = 1.5 * most - 0.5
        guard level > knee, knee < 1 else { return min(luminance, white) }
        let t = (level - knee) / (1 - knee)
        let curved =
            (2 * t * t * t - 3 * t * t + 1) * knee + (t * t * t - 2 * t * t + t) * (1 - knee)
            + (-2 * t * t * t + 3 * t * t) * most
        return min(PQ.light(curved * source), white)
    }
}

/// SMPTE ST 2084.
private enum PQ {
    private static let (m1, m2) = (2610.0 / 16384, 2523.0 / 32)
    private static let (c1, c2, c3) = (3424.0 / 4096, 2413.0 / 128, 2392.0 / 128)

    /// Luminance in cd/m² of a code value in 0...1.
    static func light(_ code: Double) -> Double {
        let root = pow(min(max(code, 0), 1), 1 / m2)
        return 10_000 * pow(max(root - c1, 0) / (c2 - c3 * root), 1 / m1)
    }

    static func code(_ light: Double) -> Double {
        let root = pow(min(max(light, 0), 10_000) / 10_000, m1)
        return pow((c1 + c2 * root) / (1 + c3 * root), m2)
    }
}

/// ARIB STD-B67.
private enum HLG {
    private static let a = 0.17883277
    private static let b = 1 - 4 * a
    private static let c = 0.5 - a * log(4 * a)

    /// Light of the scene, 0...1, of a code value in 0...1.
    static func light(_ code: Double) -> Double {
        let code = min(max(code, 0), 1)
        return code <= 0.5 ? code * code / 3 : (exp((code - c) / a) + b) / 12
    }
}
