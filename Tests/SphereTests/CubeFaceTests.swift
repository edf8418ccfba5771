import Sphere
import Testing

@Suite struct CubeFaceTests {
    @Test func facesMatchTheirDirections() {
        #expect(CubeFace.right.ray(u: 0, v: 0) == [1, 0, 0])
        #expect(CubeFace.left.ray(u: 0, v: 0) == [-1, 0, 0])
        #expect(CubeFace.up.ray(u: 0, v: 0) == [0, -1, 0])
        #expect(CubeFace.down.ray(u: 0, v: 0) == [0, 1, 0])
        #expect(CubeFace.front.ray(u: 0, v: 0) == [0, 0, 1])
        #expect(CubeFace.back.ray(u: 0, v: 0) == [0, 0, -1])
        #expect(CubeFace.front.neighbor(across: .right) == .right && CubeFace.front.neighbor(across: .top) == .up)
        #expect(CubeFace.right.neighbor(across: .right) == .back && CubeFace.back.neighbor(across: .right) == .left)
        // The front face is below the up face, and above the down face.
        #expect(CubeFace.up.neighbor(across: .bottom) == .front && CubeFace.down.neighbor(across: .top) == .front)
    }

    @Test(arguments: CubeFace.allCases) func placesAndRaysAgree(_ face: CubeFace) throws {
        for (u, v) in [(0.0, 0.0), (0.9, -0.3), (-1.2, 0.4), (0.2, 1.19)] {
            let place = try #require(face.place(of: face.ray(u: u, v: v) * 3.7))
            #expect(abs(place.u - u) < 1e-12 && abs(place.v - v) < 1e-12)
            if max(abs(u), abs(v)) < 1 { #expect(CubeFace(of: face.ray(u: u, v: v)) == face) }
        }
        #expect(face.place(of: -face.ray(u: 0, v: 0)) == nil)
    }

    @Test(arguments: CubeFace.allCases) func everyEdgeHasItsNeighbour(_ face: CubeFace) throws {
        let neighbors = CubeFace.Edge.allCases.map { face.neighbor(across: $0) }
        #expect(Set(neighbors).count == 4 && !neighbors.contains(face))
        for neighbor in neighbors {
            let (mine, theirs) = (try #require(face.edge(to: neighbor)), try #require(neighbor.edge(to: face)))
            #expect(face.neighbor(across: mine) == neighbor && neighbor.neighbor(across: theirs) == face)
        }
        let opposite = try #require(CubeFace.allCases.first { $0 != face && !neighbors.contains($0) })
        #expect(face.edge(to: opposite) == nil && face.edge(to: face) == nil)
    }
}
