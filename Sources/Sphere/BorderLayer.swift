import Imaging

/// Blending weights of one border of a face.
struct BorderLayer {
    private let border: FaceBorder
    /// For each pixel of the border's area: the weight of what is below all borders (1 if an earlier border applied it
    /// already), and the weight of this border.
    private var rests: [Float]
    private var amounts: [Float]

    /// Computes the layers of all borders of one face.
    ///
    /// In the corners, where two borders overlap, they cross-fade, and the higher certainty determines the weight of
    /// the face.
    /// - Parameters:
    ///   - size: side of the face in pixels.
    ///   - softness: see ``FaceBorders/lay(over:face:finished:softness:)``.
    static func layers(of borders: [FaceBorder], size: Int, softness: Float) -> [BorderLayer] {
        var weights = [Float](repeating: 0, count: size * size)
        var certainty = weights
        for border in borders {
            border.forEachPixel { _, pixel, depth in
                weights[pixel] += weight(depth)
                certainty[pixel] = max(certainty[pixel], rise(depth, softness))
            }
        }
        var isReached = [Bool](repeating: false, count: size * size)
        return borders.map { border in
            var layer = BorderLayer(
                border: border, rests: Array(repeating: 1, count: border.target.count),
                amounts: Array(repeating: 0, count: border.target.count))
            border.forEachPixel { number, pixel, depth in
                if !isReached[pixel] { layer.rests[number] = 1 - certainty[pixel] }
                layer.amounts[number] = certainty[pixel] * weight(depth) / weights[pixel]
                isReached[pixel] = true
            }
            return layer
        }
    }

    /// Above 0, so that pixels at the very end of the border count too.
    private static func weight(_ depth: Float) -> Float { smoothStep(depth) + 1e-4 }

    private static func rise(_ depth: Float, _ softness: Float) -> Float {
        softness > 0 ? smoothStep(min(depth / softness, 1)) : 1
    }

    /// Blends the border over a face.
    ///
    /// - Parameters:
    ///   - column: the batch of faces that the border is sampled from.
    ///   - face: the first pixel of the target face's first plane; planes have the same distance as in `column`.
    ///   - certainty: of the target face; raised where the border covers it.
    ///   - scratch: see ``FaceBorder/forEachRow(of:scratch:threads:_:)``.
    func lay(
        of column: FaceColumn, over face: UnsafeMutablePointer<Float>, certainty: UnsafeMutablePointer<Float>?,
        scratch: UnsafeMutablePointer<SIMD4<Float>>, threads: Int
    ) {
        rests.withUnsafeBufferPointer { rests in
            amounts.withUnsafeBufferPointer { amounts in
                guard let rests = rests.baseAddress, let amounts = amounts.baseAddress else { return }
                border.forEachRow(of: column, scratch: scratch, threads: threads) { number, pixel, count, samples in
                    let (rests, amounts) = (rests + number, amounts + number)
                    for channel in 0..<column.channels {
                        let line = face + channel * column.plane + pixel
                        let samples = samples + channel * count
                        for x in 0..<count { line[x] = line[x] * rests[x] + samples[x] * amounts[x] }
                    }
                    guard let certainty = certainty.map({ $0 + pixel }) else { return }
                    for x in 0..<count { certainty[x] = 1 - rests[x] * (1 - certainty[x]) }
                }
            }
        }
    }
}
