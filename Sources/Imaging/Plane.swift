/// One value per pixel: rows from top to bottom without padding.
public struct Plane<Value: Sendable>: Sendable {
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// `width * height` values, row by row.
    public var values: [Value]
    /// Number of images stacked in it, one below the other: a batch. Operations treat each image by itself.
    package var batchSize = 1

    /// A plane with all values set to `value`.
    public init(width: Int, height: Int, repeating value: Value) {
        self.width = width
        self.height = height
        values = Array(repeating: value, count: width * height)
    }

    /// - Precondition: `values` holds `width * height` values.
    public init(width: Int, height: Int, values: [Value]) {
        precondition(values.count == width * height, "a plane needs width * height values")
        self.width = width
        self.height = height
        self.values = values
    }

    /// The same plane as a batch of stacked images.
    package func withBatchSize(_ batchSize: Int) -> Plane {
        var plane = self
        plane.batchSize = batchSize
        return plane
    }

    /// The value at column x, row y.
    public subscript(x: Int, y: Int) -> Value {
        get { values[y * width + x] }
        set { values[y * width + x] = newValue }
    }
}

extension Plane: Equatable where Value: Equatable {}
