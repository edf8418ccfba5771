import ArgumentParser
import CGStreamer
import FoundationEssentials
import GstPentimento
import Imaging
import LivePipeline
import MediaIO
import NeuralNet
import StudioControls
import Style

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Reports what is missing on this machine and how to install it.",
        discussion: "Exits with 1 if something required is missing.")

    func run() throws {
        startGStreamer()
        // Checked before this program registers its own elements.
        let installed = installedPlugin()
        guard registerPentimentoElements() else { throw MediaError("GStreamer refuses this program's elements") }
        let findings =
            [gstreamer, installed] + codecs() + pictures() + [
                models(), lossNetworks(), openBLAS(), camera(), virtualCamera(), display(), sound(), midi(),
            ] + Cluster.allCases.map(cluster)
        for finding in findings {
            Terminal.write("\(finding.state.mark)  \(finding.text)", to: .output)
            if let remedy = finding.remedy { Terminal.write("         \(remedy)", to: .output) }
        }
        if findings.contains(where: { $0.state == .missing }) { throw ExitCode(1) }
    }

    private struct Finding {
        enum State {
            case good, missing, optional

            var mark: String {
                switch self {
                case .good: "ok     "
                case .missing: "MISSING"
                case .optional: "without"
                }
            }
        }

        let state: State
        let text: String
        var remedy: String?
    }

    // MARK: GStreamer

    private var gstreamer: Finding {
        let version = gst_version_string()
        defer { g_free(version) }
        return Finding(state: .good, text: version.map { String(cString: $0) } ?? "GStreamer")
    }

    private func installedPlugin() -> Finding {
        let plugin = gst_registry_get().flatMap { gst_registry_find_plugin($0, "pentimento") }
        defer { if let plugin { gst_object_unref(UnsafeMutableRawPointer(plugin)) } }
        guard let plugin, let path = gst_plugin_get_filename(plugin) else {
            return Finding(
                state: .optional, text: "the plugin is not installed for other programs; this program includes it",
                remedy: "make install, the package gstreamer1.0-pentimento, or GST_PLUGIN_PATH=FOLDER with the folder "
                    + "of libgstpentimento.so")
        }
        return Finding(state: .good, text: "plugin \(String(cString: path))")
    }

    private func codecs() -> [Finding] {
        let needs: [(purpose: String, elements: [String])] = [
            ("pictures", ["pngdec", "pngenc", "jpegdec", "jpegenc", "pnmenc", "appsrc"]),
            ("reading video", ["videoconvert", "videoscale", "deinterlace", "videoflip", "capsfilter"]),
            ("writing video", ["x264enc", "h264parse", "vp9enc", "appsink"]),
            (
                "pipelines",
                [
                    "decodebin", "avdec_h264", "mp4mux", "qtmux", "matroskamux", "webmmux", "avenc_aac", "aacparse",
                    "opusenc", "audioconvert", "audioresample",
                ]
            ),
            ("streams", ["udpsrc", "udpsink", "rtph264pay", "rtph264depay", "rtpjitterbuffer"]),
            (
                "live painting",
                ["v4l2src", "ximagesrc", "rtspsrc", "videorate", "flvmux", "rtmp2sink", "mpegtsmux", "srtsink"]
            ),
            ("labels", ["textoverlay"]),
        ]
        return needs.map { need in
            let missing = need.elements.filter { !isInstalled($0) }
            if missing.isEmpty { return Finding(state: .good, text: need.purpose) }
            let packages = Set(missing.compactMap(debianPackage(ofElement:))).sorted().joined(separator: " ")
            return Finding(
                state: .missing, text: "\(need.purpose): no \(missing.joined(separator: ", "))",
                remedy: packages.isEmpty ? nil : "sudo apt install \(packages)")
        }
    }

    private func pictures() -> [Finding] {
        missingPictureDecoders().map {
            Finding(state: .optional, text: "a decoder for \($0.format) pictures", remedy: $0.remedy)
        }
    }

    private func isInstalled(_ element: String) -> Bool {
        guard let factory = gst_element_factory_find(element) else { return false }
        gst_object_unref(UnsafeMutableRawPointer(factory))
        return true
    }

    // MARK: Models and libraries

    private func models() -> Finding {
        let library = ModelLibrary.standard
        let entries = library.listModels()
        guard !entries.isEmpty else {
            return Finding(
                state: .missing, text: "no model in \(library.folders.joined(separator: ", "))",
                remedy: "make build puts them beside the program, make install or the package pentimento-models into "
                    + "the data folder; PENTIMENTO_MODEL_PATH names another folder")
        }
        for entry in entries {
            do { _ = try Model(contentsOf: entry.path) } catch {
                return Finding(
                    state: .missing, text: "a damaged model: \(error)", remedy: "put a whole copy in its place")
            }
        }
        return Finding(state: .good, text: "models: \(entries.map(\.name).joined(separator: ", "))")
    }

    private func lossNetworks() -> Finding {
        let entries = ModelLibrary.standard.listLossNetworks()
        for entry in entries {
            do { _ = try LossNetworkFile(contentsOf: entry.path) } catch {
                return Finding(
                    state: .optional, text: "a damaged loss network: \(error)",
                    remedy: "rm \(entry.path); pentimento models fetch vgg16")
            }
        }
        guard !entries.isEmpty else {
            return Finding(
                state: .optional,
                text: "a loss network, which `pentimento train`, `pentimento optimize` and styleoptimize need",
                remedy: "pentimento models fetch vgg16 (61 MB), or pentimento models import FILE")
        }
        return Finding(state: .good, text: "loss networks: \(entries.map(\.name).joined(separator: ", "))")
    }

    /// Debian 12's OpenBLAS 0.3.21 does not know recent processors and falls back to kernels from 2004.
    private func openBLAS() -> Finding {
        let core = OpenBLAS.coreName
        let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let better = flags.contains(" avx512f") ? "SKYLAKEX" : flags.contains(" avx2") ? "HASWELL" : nil
        if let better, ["Prescott", "Core2", "Generic", "Penryn", "Nehalem"].contains(core) {
            return Finding(
                state: .optional, text: "OpenBLAS uses its “\(core)” kernels, which are slow on this processor",
                remedy: "export OPENBLAS_CORETYPE=\(better) "
                    + "(stylizing does not use it; in `optimize` it takes a few per cent of the time)")
        }
        return Finding(state: .good, text: "OpenBLAS kernels: \(core); \(processorCount) processors")
    }

    private func cluster(_ cluster: Cluster) -> Finding {
        guard cluster.isInstalled else {
            return Finding(
                state: .optional, text: "submit --cluster \(cluster.rawValue): \(cluster.program) is not in PATH",
                remedy: "sudo apt install \(cluster.debianPackage)")
        }
        return Finding(state: .good, text: "submit --cluster \(cluster.rawValue): \(cluster.program)")
    }

    // MARK: Cameras and screen

    private func camera() -> Finding {
        let cameras = VideoDevice.cameras
        if cameras.isEmpty {
            return Finding(
                state: .optional, text: "a camera: there is no /dev/video*",
                remedy: "connect one; in a virtual machine or container pass the device through")
        }
        return Finding(
            state: .good, text: "cameras: " + cameras.map(\.description).joined(separator: ", "))
    }

    private func virtualCamera() -> Finding {
        guard let device = VideoDevice.all.first(where: \.isVirtual) else {
            return Finding(
                state: .optional, text: "a virtual camera: v4l2loopback is not loaded",
                remedy:
                    "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback video_nr=10 "
                    + "card_label=Pentimento exclusive_caps=1"
            )
        }
        return Finding(state: .good, text: "virtual camera: \(device.description)")
    }

    private func display() -> Finding {
        let environment = ProcessInfo.processInfo.environment
        guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else {
            return Finding(
                state: .optional, text: "a screen: neither DISPLAY nor WAYLAND_DISPLAY is set",
                remedy: "run from a desktop session to see windows; files and streams need none")
        }
        guard isInstalled("ximagesink") || isInstalled("waylandsink") || isInstalled("glimagesink") else {
            return Finding(
                state: .optional, text: "windows: no video sink",
                remedy: "sudo apt install gstreamer1.0-x gstreamer1.0-gl")
        }
        return Finding(state: .good, text: "screen")
    }

    // MARK: The studio

    private func sound() -> Finding {
        let missing = ["autoaudiosrc", "pulsesrc", "alsasrc"].filter { !isInstalled($0) }
        guard !missing.isEmpty else { return Finding(state: .good, text: "sound of `live --microphone`") }
        let packages = Set(missing.compactMap(debianPackage(ofElement:))).sorted().joined(separator: " ")
        return Finding(
            state: .optional, text: "sound of `live --microphone`: no \(missing.joined(separator: ", "))",
            remedy: packages.isEmpty ? nil : "sudo apt install \(packages)")
    }

    private func midi() -> Finding {
        guard let problem = MIDIReceiver.problem else { return Finding(state: .good, text: "MIDI of `live --midi`") }
        return Finding(
            state: .optional, text: "MIDI of `live --midi`: \(problem)",
            remedy: "sudo modprobe snd-seq; sudo adduser $USER audio, and log in again")
    }
}
