import Imaging

/// Mean absolute difference of all samples of two images; 0 for images without samples.
/// - Precondition: both have the same shape.
public func meanAbsoluteDifference(of image: Image, from other: Image) -> Double {
    precondition(
        image.width == other.width && image.height == other.height && image.channels == other.channels,
        "a difference needs images of one shape")
    let sum = zip(image.samples, other.samples).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
    return sum / Double(max(image.samples.count, 1))
}

/// How much the result of an operation changes, apart from its place, when its input moves by a few pixels (paper,
/// figure 3): 0 if it moves with the input, as strokes do that stick to the scene.
///
/// The operation is applied to a part of the picture and to parts that begin 0 to `largest` pixels further right and
/// below. Each result is compared with the first one, both without their border.
/// - Parameters:
///   - picture: at least `2 * border + 2 * largest + 1` pixels a side.
///   - largest: in pixels, at least 1.
///   - border: width of the edge that is not compared, in pixels.
///   - operation: returns an image of the same size as its input, which is `largest` pixels smaller than the picture.
/// - Returns: mean absolute difference over all results but the first, in the units of the samples.
/// - Throws: ``EvaluationError`` if the picture is too small, and errors of `operation`.
public func shiftError(
    of picture: Image, largest: Int = 3, border: Int = 16, operation: (Image) throws -> Image
) throws -> Double {
    let (width, height) = (picture.width - largest, picture.height - largest)
    guard largest > 0, border >= 0, min(width, height) > 2 * border + largest else {
        throw EvaluationError(
            "a picture of \(picture.width) x \(picture.height) cannot be shifted by \(largest) pixels within a border "
                + "of \(border)")
    }
    func result(_ x: Int, _ y: Int) throws -> Image {
        try operation(picture.cropped(x: x, y: y, width: width, height: height))
    }
    let first = try result(0, 0)
    let inner = (width: width - 2 * border - largest, height: height - 2 * border - largest)
    var sum = 0.0
    for shift in 1..<(largest + 1) * (largest + 1) {
        let (y, x) = shift.quotientAndRemainder(dividingBy: largest + 1)
        let moved = try result(x, y).cropped(x: border, y: border, width: inner.width, height: inner.height)
        let fixed = first.cropped(x: border + x, y: border + y, width: inner.width, height: inner.height)
        sum += meanAbsoluteDifference(of: moved, from: fixed)
    }
    return sum / Double((largest + 1) * (largest + 1) - 1)
}
