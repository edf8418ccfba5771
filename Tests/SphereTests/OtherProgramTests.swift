import Imaging
import MediaIO
import Sphere
import TestSupport
import Testing

/// The same spheres converted by other programs.
@Suite struct OtherProgramTests {
    private func fixture(_ name: String) throws -> Image {
        try Image(contentsOfPNM: TestData.fixture(name, of: "SphereTests"))
    }

    /// `Fixtures/make_v360.py` describes the files. v360 stretches images by one pixel, so positions differ by up to
    /// half a pixel towards the edges; neighbouring pixels differ by up to 14.
    @Test func ffmpegsV360AgreesOnOrderAndOrientation() throws {
        let panorama = try fixture("panorama.ppm")
        let geometry = try CubeGeometry(faceSize: 24, overlap: 0)
        let column = try CubeSplitter(from: .equirectangular, width: 96, height: 48, to: geometry).split(panorama)
        for (layout, name, size) in [
            (SphereLayout.threeByTwo, "faces_3x2.ppm", (72, 48)), (.sixByOne, "faces_6x1.ppm", (144, 24)),
        ] {
            let joiner = try CubeJoiner(from: geometry, to: layout, width: size.0, height: size.1)
            let (ours, theirs) = (joiner.join(column), try fixture(name))
            #expect(rootMeanSquare(ours, theirs) < 2.5)
            #expect(largestDifference(ours.samples, theirs.samples) < 14)
        }
        let splitter = try CubeSplitter(from: .threeByTwo, width: 72, height: 48, to: geometry)
        let back = try CubeJoiner(from: geometry, to: .equirectangular, width: 96, height: 48)
            .join(splitter.split(fixture("faces_3x2.ppm")))
        #expect(rootMeanSquare(back, try fixture("panorama_of_3x2.ppm")) < 2.5)
    }

    /// A photograph and its faces from another program, in the order front, right, back, left, up, down.
    @Test func aPanoramaHasTheFacesThatAnotherProgramMade() throws {
        let path = try TestData.real("data/sphere/examplepano.jpg")
        // Detail finer than these faces would measure the filters, not the positions.
        let panorama = try Image(contentsOf: path).resized(width: 512, height: 256)
        let geometry = try CubeGeometry(faceSize: 128, overlap: 0)
        let column = try CubeSplitter(from: .equirectangular, width: 512, height: 256, to: geometry).split(panorama)
        let order: [CubeFace] = [.front, .right, .back, .left, .up, .down]
        for (number, face) in order.enumerated() {
            let path = try TestData.real("data/sphere/examplepano_face\(number).jpg")
            let theirs = try Image(contentsOf: path).resized(width: 128, height: 128)
            let distances = CubeFace.allCases.map { rootMeanSquare(column.block(rows: geometry.rows(of: $0)), theirs) }
            #expect(distances.min() == distances[face.rawValue], "face \(number): \(distances)")
            #expect(distances[face.rawValue] < 9, "face \(number): \(distances)")
        }
    }

    private func rootMeanSquare(_ first: Image, _ second: Image) -> Float {
        guard first.samples.count == second.samples.count else { return .infinity }
        let squares = zip(first.samples, second.samples).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (squares / Float(first.samples.count)).squareRoot()
    }
}
