import CGStreamer
import GStreamerKit

/// The largest reference distance of an `opticalflow`, so that `styleoptimize` keeps as many earlier results. It goes
/// downstream as a sticky event, before the first frame and before each frame with which it changes.
struct FarthestReference {
    private static let name = "pentimento/farthest-reference"
    private static let field = "distance"

    /// Frames back to the reference.
    let distance: Int

    init(distance: Int) { self.distance = distance }

    /// Nil for every other event.
    init?(_ event: UnsafeMutablePointer<GstEvent>) {
        guard event.pointee.type == GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, let structure = gst_event_get_structure(event),
            gst_structure_has_name(structure, Self.name) != 0,
            let distance = StructureReader(structure).integer(Self.field)
        else { return nil }
        self.distance = distance
    }

    /// Sends the event downstream, from the streaming thread.
    func send(downstreamOf element: TransformElement) {
        guard let structure = StructureWriter(Self.name) else { return }
        structure.set(Self.field, distance)
        element.sendDownstream(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, structure.take()))
    }
}
