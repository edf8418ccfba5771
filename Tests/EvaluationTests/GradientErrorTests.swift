import Evaluation
import Glibc
import Imaging
import Sphere
import Testing

@Suite struct GradientErrorTests {
    private let geometry: CubeGeometry

    init() throws { geometry = try CubeGeometry(faceSize: 40, overlap: 4) }

    /// A batch of faces whose pixels have the value of `value` for their direction and face.
    private func column(_ value: (_ ray: Ray, _ face: CubeFace) -> Double) -> Image {
        let size = geometry.extendedSize
        var column = Image(width: size, height: 6 * size, channels: 3)
        for face in CubeFace.allCases {
            for y in 0..<size {
                for x in 0..<size {
                    func coordinate(_ pixel: Int) -> Double {
                        (Double(2 * pixel + 1) / Double(size) - 1) * geometry.extent
                    }
                    let ray = face.ray(u: coordinate(x), v: coordinate(y))
                    let shown = Float(value(ray / (ray * ray).sum().squareRoot(), face))
                    for channel in 0..<3 {
                        column.samples[(channel * 6 * size + geometry.rows(of: face).lowerBound + y) * size + x] = shown
                    }
                }
            }
        }
        return column
    }

    private func waves(_ ray: Ray) -> Double {
        sin(ray.x * 40) * 30 + sin(ray.y * 37 + 1) * 30 + sin(ray.z * 43 + 2) * 30
    }

    @Test func matchingFacesHaveARatioOfOne() throws {
        let fitting = column { ray, _ in waves(ray) }
        let error = GradientError(column: fitting, geometry: geometry)
        // Pixels at the edges cover a smaller angle, so gradients are a little smaller there.
        #expect(error.cutEdges < 1.05 && error.cutEdges > 0.6)
        #expect(error.innerEdges < 1.2 && error.innerEdges > 0.6)
        #expect(GradientError(column: column { _, _ in 9 }, geometry: geometry).cutEdges == 1)
    }

    @Test func facesThatDifferShowAtCutEdgesOnly() throws {
        let fitting = GradientError(column: column { ray, _ in waves(ray) }, geometry: geometry)
        let apart = GradientError(
            column: column { ray, face in waves(ray) + 100 * Double(face.rawValue) }, geometry: geometry)
        #expect(apart.cutEdges > 5 * fitting.cutEdges)
        #expect(apart.innerEdges < fitting.innerEdges)
    }

    /// Equation 23 by hand: the steps at the edges are the only gradients of each face.
    @Test func stepsGiveTheValueOfEquation23() throws {
        let error = GradientError(column: column { _, face in face == .front ? 60 : 0 }, geometry: geometry)
        // 8 of the 24 sides have pixels with half the step: 8/24 of the region, against 8 * 40 of 6 * 40 * 40 pixels
        // per direction.
        #expect(abs(error.cutEdges - (8.0 / 24) / (4.0 * 40 / (6 * 40 * 40))) < 1e-6)
    }

    @Test func innerEdgesAreThoseOfBordersTakenFromEarlierFaces() throws {
        let size = geometry.extendedSize
        func stepped(_ face: CubeFace) -> Image {
            var image = column { ray, _ in waves(ray) / 10 }
            // The part that the right-hand neighbour shows too, up to its end at 1 / extent.
            let edge = Int(((1 / geometry.extent / geometry.extent + 1) / 2 * Double(size)).rounded())
            for channel in 0..<3 {
                for y in geometry.rows(of: face) {
                    for x in edge..<size { image.samples[(channel * 6 * size + y) * size + x] += 80 }
                }
            }
            return image
        }
        let fitting = GradientError(column: column { ray, _ in waves(ray) / 10 }, geometry: geometry)
        // The back face is last and takes the borders of all its neighbours; the front face is first.
        let back = GradientError(column: stepped(.back), geometry: geometry)
        let front = GradientError(column: stepped(.front), geometry: geometry)
        #expect(back.innerEdges > fitting.innerEdges * 1.3)
        #expect(front.innerEdges <= fitting.innerEdges)
    }

    @Test func joinedSpheresAreMeasuredToo() throws {
        let joiner = try CubeJoiner(from: geometry, to: .equirectangular, width: 160, height: 80)
        let fitting = joiner.join(column { ray, _ in waves(ray) })
        let apart = joiner.join(column { ray, face in waves(ray) + 200 * Double(face.rawValue) })
        let first = try GradientError(sphere: fitting, layout: .equirectangular, geometry: geometry)
        let second = try GradientError(sphere: apart, layout: .equirectangular, geometry: geometry)
        #expect(first.cutEdges < 1.05 && second.cutEdges > 1.5 * first.cutEdges)
        #expect(throws: SphereError.self) {
            try GradientError(sphere: fitting, layout: .cross, geometry: geometry)
        }
    }
}
