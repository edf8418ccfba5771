/// The padding of a network's convolutions, or of its input in place of theirs.
public enum Padding: String, Sendable, CaseIterable {
    /// Zero padding. Residual blocks are not padded; instead the input is padded by reflection by what they crop.
    case reflectStart = "reflect-start"
    case reflect
    case replicate
    case zero
    /// No convolution is padded. The input is padded by reflection by what all of them crop.
    case none
}

extension Padding {
    /// The padding of convolutions outside residual blocks; nil if they are not padded.
    package var ofConvolutions: PaddingMode? {
        switch self {
        case .reflectStart, .zero: .zero
        case .reflect: .reflect
        case .replicate: .replicate
        case .none: nil
        }
    }

    /// The padding of convolutions in residual blocks; nil if they are not padded.
    package var ofResiduals: PaddingMode? {
        self == .reflectStart ? nil : ofConvolutions
    }
}

/// The padding of the rows and columns of one tensor.
package enum PaddingMode: Sendable {
    case zero
    /// Reflection about the first and last element, which are not repeated. Rows too short for that are replicated.
    case reflect
    /// Replication of the first and last element.
    case replicate

    /// The index map that pads `length` elements by `before` and `after`.
    package func map(length: Int, before: Int, after: Int) -> IndexMap {
        let reflects = max(before, after) < length
        return (-before..<length + after).map { index in
            if 0..<length ~= index { return Int32(index) }
            switch self {
            case .zero: return -1
            case .reflect where reflects: return Int32(index < 0 ? -index : 2 * (length - 1) - index)
            case .reflect, .replicate: return Int32(index < 0 ? 0 : length - 1)
            }
        }
    }
}

/// For each element of a padded row or column, the index of its source element, or -1 for zero.
///
/// Padding and nearest-neighbour upsampling are both expressed by such tables, so convolutions handle neither.
package typealias IndexMap = [Int32]
