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
    /// Weights of blue, green and red in luminance (BT.2020).
    private static let weights = [0.0593, 0.6780, 0.2627]
    /// From BT.2020's primaries to those of BT.709 (ITU-R BT.2087), of blue, green and red.
    private static let primaries = [
        [1.1187, -0.1006, -0.0182], [-0.0083, 1.1329, -0.1246], [-0.0728, -0.5876, 1.6605],
    ]

    private let transfer: Transfer
    /// Luminance of the brightest color, in cd/m².
    private let peak: Double
    /// The functions of ``kernel_tone_map``: light of a code value, and factors of light by its fourth root.
    private let (lights, displays, compressions, codes): ([Float], [Float], [Float], [Float])

    /// - Parameter peak: luminance of the brightest color in cd/m²; nil: 1,000. HLG has 1,000.
    public init(from transfer: Transfer, peak: Double? = nil) {
        self.transfer = transfer
        let peak = transfer == .hlg ? 1000 : min(max(peak ?? 1000, Self.white), transfer.brightest)
        self.peak = peak
        func table(_ function: (Double) -> Double) -> [Float] {
            let steps = kernel_tone_steps
            return (0...steps).map { Float(function(Double($0) / Double(steps))) }
        }
        lights = table { transfer.light($0) }
        displays = table { transfer.display(pow($0, 4)) }
        compressions = table { Self.compression(pow($0, 4) * transfer.brightest, peak) * transfer.brightest }
        codes = table { pow($0, 4 / 2.4) }
    }

    /// A color of SDR, 0...1, for a color of HDR, 0...1, of blue, green and red.
    package func map(_ color: [Double]) -> [Double] {
        let scene = color.map(transfer.light)
        let display = transfer.display(zip(Self.weights, scene).reduce(0) { $0 + $1.0 * $1.1 })
        let light = Self.primaries.map { row in
            max(zip(row, scene).reduce(0) { $0 + $1.0 * $1.1 } * display * transfer.brightest, 0)
        }
        let scale = Self.compression(light.max() ?? 0, peak)
        return light.map { pow(min($0 * scale, 1), 1 / 2.4) }
    }

    /// Maps an image in network space; its values are code values in 8-bit levels.
    /// - Precondition: three channels.
    public func apply(to image: inout Image, threads: Int = 0) {
        let (count, width, height) = (image.pixelCount, image.width, image.height)
        let mean = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        withKernelMap { map in
            image.samples.withUnsafeMutableBufferPointer { samples in
                guard let first = samples.baseAddress else { return }
                nonisolated(unsafe) let start = first
                parallelRows(height, threads: threads) { rows in
                    kernel_map_tones(start + rows.lowerBound * width, count, rows.count * width, mean, map)
                }
            }
        }
    }

    private func withKernelMap(_ body: (kernel_tone_map) -> Void) {
        let (w, m) = (Self.weights.map(Float.init), Self.primaries.map { $0.map(Float.init) })
        lights.withUnsafeBufferPointer { light in
            displays.withUnsafeBufferPointer { display in
                compressions.withUnsafeBufferPointer { compression in
                    codes.withUnsafeBufferPointer { code in
                        body(
                            kernel_tone_map(
                                light: light.baseAddress, display: display.baseAddress,
                                compression: compression.baseAddress, code: code.baseAddress,
                                weights: (w[0], w[1], w[2]),
                                primaries: (
                                    (m[0][0], m[0][1], m[0][2]), (m[1][0], m[1][1], m[1][2]),
                                    (m[2][0], m[2][1], m[2][2])
                                )))
                    }
                }
            }
        }
    }

    /// The factor from the luminance of the brightest component, in cd/m², to 0...1 of SDR (BT.2390, 5.4.1, without a lift of
    /// black).
    private static func compression(_ luminance: Double, _ peak: Double) -> Double {
        let (source, target) = (PQ.code(peak), PQ.code(white))
        let level = min(PQ.code(luminance) / source, 1)
        let most = target / source
        let knee = 1.5 * most - 0.5
        guard level > knee, knee < 1 else { return 1 / white }
        let t = (level - knee) / (1 - knee)
        let curved =
            (2 * t * t * t - 3 * t * t + 1) * knee + (t * t * t - 2 * t * t + t) * (1 - knee)
            + (-2 * t * t * t + 3 * t * t) * most
        return min(PQ.light(curved * source) / white, 1) / luminance
    }
}

extension ToneMapping.Transfer {
    /// Luminance in cd/m² of the highest code value.
    fileprivate var brightest: Double { self == .pq ? 10_000 : 1000 }

    /// Light in 0...1 of a code value in 0...1: of the display for PQ, of the scene for HLG.
    fileprivate func light(_ code: Double) -> Double { self == .pq ? PQ.light(code) / brightest : HLG.light(code) }

    /// From light to that of the display: HLG's system gamma of 1.2.
    fileprivate func display(_ luminance: Double) -> Double { self == .pq ? 1 : pow(luminance, 0.2) }
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
