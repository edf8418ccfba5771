import Flow
import Glibc
import Imaging
import Sphere

/// A camera that rotates and moves inside a panorama on a sphere of radius 1, with exact flow for every pixel.
package struct MovingPanorama {
    /// Radians per frame about the vertical axis and the camera's horizontal axis.
    private static let turn = (yaw: 0.03, pitch: 0.008)
    /// Translation of the camera per frame.
    private static let step = Ray(0.006, 0.002, 0.01)

    /// The equirectangular panorama.
    package let panorama: Image
    package let geometry: CubeGeometry

    package init(panorama: Image, geometry: CubeGeometry) {
        self.panorama = panorama
        self.geometry = geometry
    }

    /// The stacked faces of a frame; frame 0 is the unmoved panorama.
    package func frame(_ number: Int) -> Image {
        let camera = Camera(number)
        return Image(width: geometry.columnWidth, height: geometry.columnHeight, channels: panorama.channels) {
            target in
            forEachPixel { pixel, _, ray in
                let place = place(of: camera.point(along: ray))
                for channel in 0..<panorama.channels {
                    target[channel * geometry.columnWidth * geometry.columnHeight + pixel] = sample(channel, place)
                }
            }
        }
    }

    /// The motion from a frame, 1 or later, to the previous one; uncertain where pixels came from outside their face.
    package func motion(_ number: Int) -> (flow: FlowField, certainty: Plane<Float>) {
        let (camera, last) = (Camera(number), Camera(number - 1))
        let side = geometry.extendedSize
        var flow = FlowField(width: geometry.columnWidth, height: geometry.columnHeight)
        var certainty = Plane<Float>(width: geometry.columnWidth, height: geometry.columnHeight, repeating: 0)
        forEachPixel { pixel, face, ray in
            guard let place = face.place(of: last.ray(to: camera.point(along: ray))) else { return }
            let (x, y) = (column(place.u), column(place.v))
            guard x >= 0, y >= 0, x <= Double(side - 1), y <= Double(side - 1) else { return }
            flow.u[pixel] = Float(x - Double(pixel % side))
            flow.v[pixel] = Float(y - Double(pixel / side % side))
            certainty.values[pixel] = 1
        }
        return (flow, certainty)
    }

    private func forEachPixel(_ body: (_ pixel: Int, _ face: CubeFace, _ ray: Ray) -> Void) {
        let side = geometry.extendedSize
        func coordinate(_ pixel: Int) -> Double { (Double(2 * pixel + 1) / Double(side) - 1) * geometry.extent }
        for face in CubeFace.allCases {
            for y in 0..<side {
                for x in 0..<side {
                    body((face.rawValue * side + y) * side + x, face, face.ray(u: coordinate(x), v: coordinate(y)))
                }
            }
        }
    }

    /// A face coordinate in pixels.
    private func column(_ coordinate: Double) -> Double {
        (coordinate / geometry.extent + 1) * Double(geometry.extendedSize) / 2 - 0.5
    }

    /// The position of a point of the sphere in the panorama.
    private func place(of point: Ray) -> (x: Double, y: Double) {
        (
            (atan2(point.x, point.z) / (2 * .pi) + 0.5) * Double(panorama.width) - 0.5,
            (asin(min(max(point.y, -1), 1)) / .pi + 0.5) * Double(panorama.height) - 0.5
        )
    }

    private func sample(_ channel: Int, _ place: (x: Double, y: Double)) -> Float {
        let (width, height) = (panorama.width, panorama.height)
        let (left, top) = (place.x.rounded(.down), place.y.rounded(.down))
        let (across, down) = (Float(place.x - left), Float(place.y - top))
        func texel(_ x: Int, _ y: Int) -> Float {
            let row = min(max(Int(top) + y, 0), height - 1)
            return panorama.samples[(channel * height + row) * width + (Int(left) + x + width) % width]
        }
        let upper = texel(0, 0) + (texel(1, 0) - texel(0, 0)) * across
        let lower = texel(0, 1) + (texel(1, 1) - texel(0, 1)) * across
        return upper + (lower - upper) * down
    }

    private struct Camera {
        let position: Ray
        private let right: Ray
        private let down: Ray
        private let forward: Ray

        init(_ number: Int) {
            let (yaw, pitch) = (turn.yaw * Double(number), turn.pitch * Double(number))
            position = step * Double(number)
            right = [cos(yaw), 0, -sin(yaw)]
            forward = [sin(yaw) * cos(pitch), -sin(pitch), cos(yaw) * cos(pitch)]
            down = [sin(yaw) * sin(pitch), cos(pitch), cos(yaw) * sin(pitch)]
        }

        /// The intersection of a camera ray with the sphere.
        func point(along ray: Ray) -> Ray {
            let direction = ray.x * right + ray.y * down + ray.z * forward
            let unit = direction / (direction * direction).sum().squareRoot()
            let near = (position * unit).sum()
            return position + unit * (-near + (near * near + 1 - (position * position).sum()).squareRoot())
        }

        func ray(to point: Ray) -> Ray {
            let direction = point - position
            return [(direction * right).sum(), (direction * down).sum(), (direction * forward).sum()]
        }
    }
}
