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
///     pentimento-folder.txt                    the names of the files below; nothing else here is ever removed
///     pentimento-optimize.json                 the settings, and what the results depend on besides
///     frame-000002-00000040000000.safetensors  the second frame, of 0.04 s, in network space
///     pass-03/frame-....safetensors            the same of a pass over a whole shot
final class ResultFolder {
    private let folder: OwnedFolder
    private let descriptor: Int32
    /// SHA-256 of what each result depends on besides its frame and motion.
    private let settings: String
    private static let ending = ".safetensors"

    var path: String { folder.path }

    /// Opens the folder, or makes it.
    ///
    /// - Throws: ``ElementError`` where it cannot be used, is in use, or belongs to other settings.
    init(_ path: String, settings: ResultSettings) throws {
        do { folder = try OwnedFolder(path, unmarked: .take) } catch { throw Self.storeError("\(error)") }
        // The command line locks the folder's mark; this lock is the element's.
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.storeError("\(FileError(errno, "read", path))") }
        self.settings = settings.digest
        // Given back when the descriptor is closed, at the latest by the process's end.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw ElementError(
                .settings, "\(path) is in use by another run.",
                remedy: "Wait for its end, or set another state-location.")
        }
        folder.removeUnfinished()
        try settings.check(in: folder)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The result that is kept for a frame; nil where there is none, one that is damaged, or one of other settings.
    ///
    /// - Parameter pass: counted from 1; 0 where each frame is computed once.
    /// - Throws: ``ElementError`` where it was computed from something else.
    func result(of origin: ResultOrigin, pass: Int, width: Int, height: Int) throws -> Image? {
        let path = folder.path(of: file(origin, pass))
        guard Files.exists(path), let kept = try? SafeTensors(contentsOf: path),
            kept.metadata["checksum"] == kept.checksum, let tensor = kept.tensors["result"],
            kept.metadata["settings"] == settings
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
    /// - Throws: ``ElementError`` where the disk is full, or another's file has its name; what was kept before stays.
    func keep(_ result: Image, of origin: ResultOrigin, pass: Int) throws {
        let tensor = SafeTensors.Tensor(shape: [3, result.height, result.width], values: result.samples)
        let bytes = SafeTensors.encode(
            [("result", tensor)],
            metadata: [
                "frame": origin.frame, "motion": origin.motion, "settings": settings, "title": origin.title,
            ])
        do {
            try folder.write(bytes, to: file(origin, pass))
        } catch {
            throw ElementError(
                .store, "The result of \(origin.title) cannot be kept: \(error).",
                remedy: "Make room and start the same run again: it goes on after the results that are in \(path).")
        }
    }

    /// The passes that there are results of for a frame, whole ones or not.
    func passes(of origin: ResultOrigin) -> [Int] {
        Files.names(in: path).filter { $0.hasPrefix("pass-") }.compactMap { Int($0.dropFirst(5)) }
            .filter { (1...9999).contains($0) && Files.exists(folder.path(of: file(origin, $0))) }.sorted()
    }

    /// Removes a result that is no longer needed.
    func remove(_ origin: ResultOrigin, pass: Int) { folder.remove(file(origin, pass)) }

    private func file(_ origin: ResultOrigin, _ pass: Int) -> String {
        (pass > 0 ? "pass-\(padded(pass, 2))/" : "") + origin.name + Self.ending
    }

    private static func storeError(_ what: String) -> ElementError {
        ElementError(.store, "\(what).", remedy: "Set state-location to a folder that can be written to.")
    }
}

/// A number with zeros before it.
func padded<Number: BinaryInteger>(_ number: Number, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
}
