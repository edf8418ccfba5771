import CGStreamer
import Glibc
import Imaging
import MediaIO
import Support
import Testing

/// The plugin does not change the state of its host process.
@Suite(.serialized) struct HostTests {
    /// The process state that a plugin might change.
    private struct Host: Equatable {
        var ranks: [String: Int] = [:]
        var environment: [String] = []
        var locale = ""
        var fileMask: mode_t = 0
        var signalHandlers: [Int] = []
        var signalMask: [Int32] = []
        var rounding: Int32 = 0
        var workingFolder = ""

        init() {
            let registry = gst_registry_get()
            let features = gst_registry_get_feature_list(registry, gst_element_factory_get_type())
            var item = features
            while let current = item {
                if let data = current.pointee.data {
                    let feature = OpaquePointer(data)
                    if let name = gst_object_get_name(data.assumingMemoryBound(to: GstObject.self)) {
                        ranks[String(cString: name)] = Int(gst_plugin_feature_get_rank(feature))
                        g_free(name)
                    }
                }
                item = current.pointee.next
            }
            gst_plugin_feature_list_free(features)
            var entry = environ
            while let text = entry.pointee {
                environment.append(String(cString: text))
                entry += 1
            }
            locale = setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""
            fileMask = umask(0)
            umask(fileMask)
            for signal in 1..<Int32(32) {
                var action = sigaction()
                sigaction(signal, nil, &action)
                signalHandlers.append(unsafeBitCast(action.__sigaction_handler, to: Int.self))
            }
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            signalMask = (1..<Int32(32)).filter { sigismember(&mask, $0) == 1 }
            rounding = fegetround()
            if let folder = getcwd(nil, 0) {
                workingFolder = String(cString: folder)
                free(folder)
            }
        }
    }

    @Test func elementsDoNotChangeProcessState() throws {
        try #require(GStreamer.isReady)
        let painting = "\(OptimizeFiles.folder)/painting.jpg"
        try Image(width: 40, height: 30, samples: (0..<3600).map { Float($0 % 251) }).write(
            to: painting, replacing: true)
        // Loads everything else first, such as other plugins.
        let chains = [
            OptimizeRun.element("style-images=\(painting)"), "coherentstylize ! temporalmeter ! flowdraw",
            "cubemapsplit overlap=2 layout=6x1 ! opticalflow ! occlusioncheck ! flowwarp ! spherestylize ! cubemapjoin layout=6x1",
        ]
        let host = Host()
        for (index, chain) in chains.enumerated() {
            let run = try OptimizeRun(chain)
            let (width, height) = index == 2 ? (96, 16) : (32, 24)
            let outputs = try run.run(TestFrame.sequence(2, width: width, height: height))
            #expect(run.error == nil && outputs.count == 2, "\(chain)")
        }
        let after = Host()
        #expect(host.ranks.filter { after.ranks[$0.key] != $0.value }.isEmpty)
        #expect(host == after)
    }

    /// The plugin's threads block asynchronous signals, so that they are delivered to the host's threads.
    @Test func pluginThreadsBlockSignals() throws {
        _ = try TestPipeline.run(
            TestFrame.sequence(2, width: 320, height: 240), through: "opticalflow ! occlusioncheck")
        var found = 0
        for task in Files.names(in: "/proc/self/task") {
            guard text(of: "/proc/self/task/\(task)/comm") == "pentimento\n" else { continue }
            found += 1
            let line = text(of: "/proc/self/task/\(task)/status").split(separator: "\n").first {
                $0.hasPrefix("SigBlk:")
            }
            let mask = line.flatMap { UInt64($0.dropFirst(7).filter { $0 != "\t" && $0 != " " }, radix: 16) }
            // SIGINT, SIGTERM, SIGCHLD, counted from 1.
            let wanted: UInt64 = 1 << 1 | 1 << 14 | 1 << 16
            #expect((mask ?? 0) & wanted == wanted)
        }
        #expect(found > 0 || sysconf(Int32(_SC_NPROCESSORS_ONLN)) < 2)
    }
}

/// The content of a file in /proc, whose size is not known in advance.
private func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
}
