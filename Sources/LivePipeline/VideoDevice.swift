import FoundationEssentials

/// A device of `/dev/video*`.
package struct VideoDevice: Sendable, Equatable {
    package let path: String
    /// As its driver says.
    package let name: String
    /// Whether it is made by a program, as by v4l2loopback.
    package let isVirtual: Bool
    /// Of the devices that one camera has. The others give no pictures.
    private let index: Int

    /// Those of this machine, by number.
    package static var all: [VideoDevice] {
        let folder = "/sys/class/video4linux"
        func text(_ path: String) -> String {
            ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(whereSeparator: \.isNewline).joined()
        }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasPrefix("video")
        }
        func number(_ name: String) -> Int { Int(name.dropFirst("video".count)) ?? .max }
        return names.sorted { number($0) < number($1) }.map { name in
            let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")) ?? ""
            return VideoDevice(
                path: "/dev/\(name)", name: text("\(folder)/\(name)/name"), isVirtual: target.contains("/virtual/"),
                index: Int(text("\(folder)/\(name)/index")) ?? 0)
        }
    }

    /// The cameras.
    package static var cameras: [VideoDevice] { all.filter { !$0.isVirtual && $0.index == 0 } }

    /// Such as `/dev/video0 (name)`.
    package var description: String { name.isEmpty ? path : "\(path) (\(name))" }
}
