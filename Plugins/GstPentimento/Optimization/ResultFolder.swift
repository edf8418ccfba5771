import CGStreamer
import GStreamerKit
import Glibc
import Imaging
import NeuralNet
import Support

/// What a result was computed from: two results of the same origin and settings are the same, bit for bit.
struct ResultOrigin: Equatable {
    /// Which frame of the stream it is, as it names files: the same in every run.
    let name: String
    /// How messages call it.
    let title: String
    /// SHA-256 of the frame's samples.
    let frame: String
    /// SHA-256 of its flows and certainties; of nothing for a frame that nothing leads to.
    let motion: String

    /// - Parameters:
    ///   - number: counted from 0 since the stream's start or its last seek.
    ///   - time: nanoseconds, or GStreamer's word for none.
    init(frame: Image, motion: [UInt8], number: Int, time: GstClockTime) {
        self.frame = sha256([frame.samples].bytes[...])
        self.motion = sha256(motion[...])
        let hasTime = time != GstClockTime.max
        name = "frame-\(padded(number + 1, 6))" + (hasTime ? "-\(padded(time, 14))" : "")
        title = "frame \(number + 1)" + (hasTime ? " (at \(Double(time / 1_000_000) / 1000) s)" : "")
    }
}

/// A folder where results are kept, each in a file that is there whole or not at all, for later runs with the same settings.
///
///     pentimento-optimize.json                 the settings, and what the results depend on besides
///     frame-000002-00000040000000.safetensors  the second frame, of 0.04 s, in network space
///     pass-03/frame-....safetensors            the same of a pass over a whole shot
final class ResultFolder {
    let path: String
    private let descriptor: Int32
    private static let ending = ".safetensors"

    /// Opens the folder, or makes it.
    ///
    /// - Throws: ``ElementError`` where it cannot be used, is in use, or belongs to other settings.
    init(_ path: String, settings: ResultSettings) throws {
        self.path = path
        if mkdir(path, 0o777) != 0 && errno != EEXIST { throw Self.error(errno, "cannot be made", path) }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(errno, "cannot be opened", path) }
        // Given back when the descriptor is closed, at the latest by the process's end.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            close(descriptor)
            throw ElementError(
                .settings, "\(path) is in use by another run.",
                remedy: "Wait for its end, or set another state-location.")
        }
        do {
            try settings.check(in: path)
        } catch {
            close(descriptor)
            throw error
        }
        removeUnfinished(in: path)
    }

    deinit { close(descriptor) }

    /// The result that is kept for a frame; nil where there is none, or one that is damaged.
    ///
    /// - Parameter pass: counted from 1; 0 where each frame is computed once.
    /// - Throws: ``ElementError`` where it was computed from something else.
    func result(of origin: ResultOrigin, pass: Int, width: Int, height: Int) throws -> Image? {
        let path = file(origin, pass)
        guard Files.exists(path), let kept = try? SafeTensors(contentsOf: path),
            kept.metadata["checksum"] == kept.checksum, let tensor = kept.tensors["result"]
        else { return nil }
        for (key, found, what) in [("frame", origin.frame, "frame"), ("motion", origin.motion, "optical flow")] {
            guard kept.metadata[key] == found else {
                throw ElementError(
                    .settings, "\(self.path) holds results for another \(what) at \(origin.title).",
                    remedy:
                        "Give the input and the elements before styleoptimize as they were, or set another state-location."
                )
            }
        }
        guard tensor.shape == [3, height, width] else { return nil }
        return Image(width: width, height: height, samples: tensor.values)
    }

    /// Keeps a result.
    ///
    /// - Throws: ``ElementError`` where the disk is full; what was kept before stays.
    func keep(_ result: Image, of origin: ResultOrigin, pass: Int) throws {
        if pass > 0 {
            let folder = "\(path)/pass-\(padded(pass, 2))"
            if mkdir(folder, 0o777) != 0 && errno != EEXIST { throw Self.error(errno, "cannot be made", folder) }
        }
        let tensor = SafeTensors.Tensor(shape: [3, result.height, result.width], values: result.samples)
        let bytes = SafeTensors.encode(
            [("result", tensor)], metadata: ["frame": origin.frame, "motion": origin.motion, "title": origin.title])
        do {
            try Files.write(bytes, to: file(origin, pass))
        } catch {
            throw ElementError(
                .store, "The result of \(origin.title) cannot be kept: \(error).",
                remedy: "Make room and start the same run again: it goes on after the results that are in \(path).")
        }
    }

    /// The passes that there are results of for a frame, whole ones or not.
    func passes(of origin: ResultOrigin) -> [Int] {
        Files.names(in: path).filter { $0.hasPrefix("pass-") }.compactMap { Int($0.dropFirst(5)) }.sorted().filter {
            Files.exists(file(origin, $0))
        }
    }

    /// Removes a result that is no longer needed.
    func remove(_ origin: ResultOrigin, pass: Int) { unlink(file(origin, pass)) }

    private func file(_ origin: ResultOrigin, _ pass: Int) -> String {
        let folder = pass > 0 ? "/pass-\(padded(pass, 2))" : ""
        return "\(path)\(folder)/\(origin.name)\(Self.ending)"
    }

    /// Removes what a run left half written when it was killed.
    private func removeUnfinished(in folder: String) {
        for name in Files.names(in: folder) {
            if name.hasSuffix(".part") { unlink("\(folder)/\(name)") }
            if name.hasPrefix("pass-") { removeUnfinished(in: "\(folder)/\(name)") }
        }
    }

    private static func error(_ code: Int32, _ what: String, _ path: String) -> ElementError {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return ElementError(
            .store, "\(path) \(what): \(reason).", remedy: "Set state-location to a folder that can be written to.")
    }
}

/// A number with zeros before it.
func padded<Number: BinaryInteger>(_ number: Number, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
}
