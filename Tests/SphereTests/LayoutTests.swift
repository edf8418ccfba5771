import Sphere
import Testing

@Suite struct LayoutTests {
    @Test func layoutsAreDetectedFromSizes() throws {
        #expect(try SphereLayout.detect(width: 2560, height: 1280) == .equirectangular)
        // Sizes as rounded by encoders.
        #expect(try SphereLayout.detect(width: 640, height: 322) == .equirectangular)
        #expect(try SphereLayout.detect(width: 101, height: 51) == .equirectangular)
        #expect(try SphereLayout.detect(width: 300, height: 200) == .threeByTwo)
        #expect(try SphereLayout.detect(width: 600, height: 100) == .sixByOne)
        #expect(try SphereLayout.detect(width: 101, height: 606) == .oneBySix)
        #expect(try SphereLayout.detect(width: 400, height: 300) == .cross)
    }

    @Test(arguments: [(1920, 1080), (0, 0), (1, 1), (-4, -2), (301, 200), (1 << 30, 1), (3, 2)])
    func otherShapesAreToldWhatWouldDo(_ size: (Int, Int)) {
        let error = #expect(throws: SphereError.self) { try SphereLayout.detect(width: size.0, height: size.1) }
        for layout in SphereLayout.allCases { #expect(error?.description.contains(layout.rawValue) == true) }
        if size.0 == 1920 { #expect(error?.description.contains("1920x960") == true, "\(String(describing: error))") }
    }

    @Test(arguments: SphereLayout.allCases) func sizesAndFacesAgree(_ layout: SphereLayout) throws {
        let size = layout.size(faceSize: 40)
        #expect(layout.fits(width: size.width, height: size.height))
        #expect(try layout.faceSize(width: size.width, height: size.height) == 40)
        #expect(throws: SphereError.self) { try layout.faceSize(width: size.width + 30, height: size.height) }
    }

    @Test func facesAreNoSmallerThanTheirOverlapAllows() throws {
        let geometry = try CubeGeometry(faceSize: 640, overlap: 64)
        #expect(geometry.extendedSize == 768 && geometry.columnHeight == 4608 && geometry.rows(of: .up) == 1536..<2304)
        let error = #expect(throws: SphereError.self) { try CubeGeometry(faceSize: 100, overlap: 64) }
        #expect(error?.description.contains("128") == true && error?.description.contains("50") == true)
        for (face, overlap) in [(0, 0), (1, 0), (-5, 2), (100, -1), (Int.max, Int.max), (5000, 2000)] {
            #expect(throws: SphereError.self) { try CubeGeometry(faceSize: face, overlap: overlap) }
        }
    }
}
