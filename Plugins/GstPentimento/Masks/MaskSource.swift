import GStreamerKit

/// Where the mask of an element that paints comes from.
package enum MaskSource: String, PropertyChoice {
    case none, alpha, picture, meta
    package static let typeName = "PentimentoMaskSource"
    package var blurb: String {
        switch self {
        case .none: "No mask: everything is painted"
        case .alpha: "The frame's own alpha channel: opaque pixels are painted"
        case .picture: "The picture mask-location: painted where it is white"
        case .meta: "The mask that comes with the frame, if there is one: see maskcombine"
        }
    }
}

/// The properties of an element that paints where a mask says.
package enum MaskProperties {
    /// For an element's table.
    package static let all: [any PropertyDeclaration] = [source, location, invert, feather]

    package static let source = Property<MaskSource>(
        "mask", nick: "Mask", blurb: "What says where to paint, and how strongly; multiplies strength at each pixel",
        default: .meta, flags: .mutablePlaying)
    package static let location = Property<String>(
        "mask-location", nick: "Mask location",
        blurb: "Picture for mask=picture, of any size: white is painted, black and transparent stay as they are",
        default: "", flags: .mutablePlaying)
    package static let invert = Property<Bool>(
        "mask-invert", nick: "Mask invert", blurb: "Paint where the mask is not", default: false,
        flags: [.controllable, .mutablePlaying])
    package static let feather = Property<Int>(
        "mask-feather", nick: "Mask feather",
        blurb: "Pixels of the frame over which the mask's edges are softened, to either side", range: 0...200,
        default: 0, flags: [.controllable, .mutablePlaying])
}
