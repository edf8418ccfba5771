import Imaging

/// One of a face's borders, and how much of it shows beside what is under it and the other borders.
struct BorderLayer {
    private let border: FaceBorder
    /// For each pixel of the border's area: how much is left of what lies under all borders, told by the first of them that reaches it,
    /// and how much of this one comes over it.
    private var rests: [Float]
    private var amounts: [Float]

    /// The layers of the borders that show on one face.
    ///
    /// Where two of them meet, in the corners, one passes into the other, and the one that is more certain says how much is left of
    /// the face.
    /// - Parameters:
    ///   - size: pixels of the face's side.
    ///   - softness: as ``FaceBorders/lay(over:face:finished:softness:)`` takes it.
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

    /// Above 0, so that what is only just reached counts too.
    private static func weight(_ depth: Float) -> Float { smoothStep(depth) + 1e-4 }

    private static func rise(_ depth: Float, _ softness: Float) -> Float {
        softness > 0 ? smoothStep(min(depth / softness, 1)) : 1
    }

    /// Lays the border over a face.
    ///
    /// - Parameters:
    ///   - column: where the border is taken from.
    ///   - face: the first pixel of its first plane; planes are as far apart as in `column`.
    ///   - certainty: becomes more where a border covers it.
    ///   - scratch: as ``FaceBorder/forEachRow(of:scratch:threads:_:)`` takes it.
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
