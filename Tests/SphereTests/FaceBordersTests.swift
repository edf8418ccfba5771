import Imaging
import Sphere
import Style
import TestSupport
import Testing

extension FaceBorders {
    /// Borders blended over an empty prior; nil if there are none.
    func prior(
        of face: CubeFace, column: Image, finished: Set<CubeFace>, softness: Float = 0.5
    ) -> Prior? {
        var prior = Prior.empty(width: column.width, height: column.height, fill: .mean)
        guard lay(over: &prior, face: face, of: column, finished: finished, softness: softness) else { return nil }
        let rows = face.rawValue * column.width..<(face.rawValue + 1) * column.width
        return Prior(image: prior.image.block(rows: rows), certainty: prior.certainty.block(rows: rows))
    }
}

@Suite struct FaceBordersTests {
    private let sphere = SmoothSphere()
    private static let geometries = [(160, 16), (161, 20), (160, 80)]

    /// A neighbour's border matches the face's own pixels, with an error far below half a grey level.
    @Test(arguments: CubeFace.allCases, geometries)
    func overlapsAgree(_ face: CubeFace, _ sizes: (Int, Int)) throws {
        let geometry = try CubeGeometry(faceSize: sizes.0, overlap: sizes.1)
        let size = geometry.extendedSize
        let column = sphere.column(geometry)
        let borders = FaceBorders(geometry: geometry)
        for edge in CubeFace.Edge.allCases {
            let neighbor = face.neighbor(across: edge)
            let prior = try #require(
                borders.prior(of: face, column: column, finished: [neighbor], softness: 0))
            var known = 0
            var largest: Float = 0
            for y in 0..<size {
                for x in 0..<size where prior.certainty[x, y] > 0 {
                    known += 1
                    let ray = face.ray(u: coordinate(x, geometry), v: coordinate(y, geometry))
                    let there = neighbor.place(of: ray) ?? (geometry.extent, geometry.extent)
                    // Cubic sampling is less accurate in the outermost pixels.
                    let inner = geometry.extent - 4 / Double(geometry.faceSize)
                    if max(abs(there.u), abs(there.v)) > inner { continue }
                    for channel in 0..<3 {
                        let shown = prior.image.samples[(channel * size + y) * size + x]
                        let row = channel * column.height + geometry.rows(of: face).lowerBound + y
                        largest = max(largest, abs(shown - column.samples[row * size + x]))
                    }
                }
            }
            #expect(largest < 0.05, "\(neighbor) on \(face)")
            // A trapezoid from 1 / extent to the extent, as wide as the neighbour's coverage.
            let expected = (0..<size).reduce(0) { count, y in
                count
                    + (0..<size).filter { x in
                        let ray = face.ray(u: coordinate(x, geometry), v: coordinate(y, geometry))
                        guard let there = neighbor.place(of: ray) else { return false }
                        return max(abs(there.u), abs(there.v)) < geometry.extent
                    }.count
            }
            #expect(known == expected && known > 0)
        }
    }

    private func coordinate(_ pixel: Int, _ geometry: CubeGeometry) -> Double {
        (Double(2 * pixel + 1) / Double(geometry.extendedSize) - 1) * geometry.extent
    }

    @Test func onlyFinishedNeighboursCount() throws {
        let geometry = try CubeGeometry(faceSize: 32, overlap: 4)
        let borders = FaceBorders(geometry: geometry)
        var column = sphere.column(geometry)
        #expect(borders.prior(of: .front, column: column, finished: []) == nil)
        #expect(borders.prior(of: .front, column: column, finished: [.front, .back]) == nil)
        let right = try #require(borders.prior(of: .front, column: column, finished: [.right, .back]))
        let all = try #require(borders.prior(of: .front, column: column, finished: Set(CubeFace.allCases)))
        #expect(right.certainty.values.filter { $0 > 0 }.count < all.certainty.values.filter { $0 > 0 }.count / 3)
        // The other faces are not read.
        for face in CubeFace.allCases where face != .right {
            for y in geometry.rows(of: face) {
                for channel in 0..<3 {
                    for x in 0..<40 { column.samples[(channel * column.height + y) * 40 + x] = .nan }
                }
            }
        }
        let again = try #require(borders.prior(of: .front, column: column, finished: [.right]))
        #expect(again.image == right.image && again.certainty == right.certainty)
        #expect(
            FaceBorders(geometry: try CubeGeometry(faceSize: 32, overlap: 0))
                .prior(of: .front, column: Image(width: 32, height: 192), finished: Set(CubeFace.allCases)) == nil)
    }

    @Test func certaintyRisesFromTheInnerEdge() throws {
        let geometry = try CubeGeometry(faceSize: 64, overlap: 16)
        let borders = FaceBorders(geometry: geometry)
        let column = sphere.column(geometry)
        func line(_ softness: Float) throws -> [Float] {
            let prior = try #require(
                borders.prior(of: .front, column: column, finished: [.right], softness: softness))
            return (0..<96).map { prior.certainty[$0, 48] }
        }
        // The neighbour ends at 1 / 1.5 of the face's 32 pixels from the centre.
        let first = 48 + Int((32 / 1.5).rounded())
        let (hard, half, soft) = (try line(0), try line(0.5), try line(1))
        for x in 0..<96 {
            #expect(hard[x] == (x >= first ? 1 : 0))
            #expect((half[x] > 0) == (x >= first) && (soft[x] > 0) == (x >= first))
            #expect(soft[x] <= half[x] && half[x] <= hard[x])
            if x > first { #expect(soft[x] > soft[x - 1] && half[x] >= half[x - 1]) }
        }
        #expect(half[95] == 1 && soft[95] > 0.95 && half[first] < 0.05)
    }

    @Test func threadsGiveTheSameBits() throws {
        let geometry = try CubeGeometry(faceSize: 48, overlap: 9)
        let column = sphere.column(geometry)
        let all = Set(CubeFace.allCases)
        let reference = try #require(
            FaceBorders(geometry: geometry, threads: 1).prior(of: .up, column: column, finished: all))
        for threads in [2, 0] {
            let other = try #require(
                FaceBorders(geometry: geometry, threads: threads).prior(of: .up, column: column, finished: all))
            #expect(other.image == reference.image && other.certainty == reference.certainty)
        }
    }
}
