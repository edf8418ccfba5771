// Plays a stylized clip and changes its style or properties every two seconds, in an application's own pipeline.
//
//     swift run -c release change-style CLIP [STYLE ...] [--sink ELEMENT]
//
// STYLE is the name of a shipped model or the path of a model file (default: scream). With one style, its strength and
// colours change instead. The elements are linked into the program, so no plugin has to be installed.
import CGStreamer
import Glibc
import GstPentimento

/// Properties of `coherentstylize` with values in gst-launch-1.0 syntax.
typealias PropertyValues = [(property: String, value: String)]

func fail(_ message: String) -> Never {
    print(message)
    exit(1)
}

var styles: [String] = []
var clip: String?
var sink = "autovideosink"
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    if argument == "--sink" {
        sink = arguments.popFirst() ?? sink
    } else if clip == nil {
        clip = argument
    } else {
        styles.append(argument)
    }
}
guard let clip else { fail("usage: change-style CLIP [STYLE ...] [--sink ELEMENT]") }

gst_init(nil, nil)
guard registerPentimentoElements() else { fail("GStreamer did not take the elements") }

var failure: UnsafeMutablePointer<GError>?
let description = "uridecodebin name=source ! videoconvert ! coherentstylize name=painter ! videoconvert ! \(sink)"
guard let pipeline = gst_parse_launch(description, &failure) else {
    fail(failure.map { String(cString: $0.pointee.message) } ?? "the pipeline could not be made")
}
let bin = UnsafeMutableRawPointer(pipeline).assumingMemoryBound(to: GstBin.self)
guard let source = gst_bin_get_by_name(bin, "source"), let painter = gst_bin_get_by_name(bin, "painter"),
    let address = gst_filename_to_uri(clip, nil)
else { fail("\(clip) is no path of a file") }
gst_util_set_object_arg(UnsafeMutableRawPointer(source).assumingMemoryBound(to: GObject.self), "uri", address)
g_free(address)

var looks: [PropertyValues] = (styles.isEmpty ? ["scream"] : styles).map { [("model", $0)] }
if looks.count == 1 {
    looks += [[("strength", "0.5")], [("strength", "1"), ("preserve-color", "true")], [("preserve-color", "false")]]
}

/// Sets properties of the stylizer. This is possible at any time from any thread. A new model cross-fades over `fade`
/// seconds.
func apply(_ look: PropertyValues) {
    for (property, value) in look {
        print("\(property) = \(value)")
        gst_util_set_object_arg(
            UnsafeMutableRawPointer(painter).assumingMemoryBound(to: GObject.self), property, value)
    }
}

let bus = gst_element_get_bus(pipeline)
let endings = GstMessageType(rawValue: GST_MESSAGE_EOS.rawValue | GST_MESSAGE_ERROR.rawValue)
let twoSeconds: GstClockTime = 2_000_000_000
var message: UnsafeMutablePointer<GstMessage>?
var next = 0
apply(looks[next])
gst_element_set_state(pipeline, GST_STATE_PLAYING)
repeat {
    message = gst_bus_timed_pop_filtered(bus, twoSeconds, endings)
    if message == nil {
        next = (next + 1) % looks.count
        apply(looks[next])
    }
} while message == nil

var status: Int32 = 0
if let message, message.pointee.type == GST_MESSAGE_ERROR {
    gst_message_parse_error(message, &failure, nil)
    print(failure.map { String(cString: $0.pointee.message) } ?? "the pipeline failed")
    status = 1
}
gst_element_set_state(pipeline, GST_STATE_NULL)
exit(status)
