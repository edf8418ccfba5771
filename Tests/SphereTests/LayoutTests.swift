import Sphere
import Testing

@Suite struct LayoutTests {
    @Test func shapesTellLayouts() throws {
        #expect(try SphereLayout.detect(width: 2560, height: 1280) == .equirectangular)
        // As encoders round sizes.
        #expect(try SphereLayout.detect(width: 640, height: 322) == .equirectangular)
        #expect(try SphereLayout.detect(width: 300, height: 200) == .threeByTwo)
        #expect(try SphereLayout.detect(width: 600, height: 100) == .sixByOne)
        #expect(try SphereLayout.detect(width: 101, height: 606) == .oneBySix)
        #expect(try SphereLayout.detect(width: 400, height: 300) == .cross)
    }
}
