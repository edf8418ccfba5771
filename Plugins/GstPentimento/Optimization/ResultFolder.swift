import CGStreamer
import GStreamerKit
import Glibc
import Imaging
import ModelFiles
import NeuralNet
import Support

/// The inputs of a result. Results with the same origin and settings are bit-identical.
struct ResultOrigin: Equatable {
    /// The frame's name in file names, the same in every run.
    let name: String
    /// The frame's name in messages.
    let title: String
    /// SHA-256 of the frame's samples.
    let frame: String
    /// SHA-256 of its flows and certainties; of no bytes at a discontinuity.
    let motion: String

    /// - Parameters:
    ///   - number: counted from 0 since the stream's start or the last seek.
    ///   - time: nanoseconds, or `GST_CLOCK_TIME_NONE`.
    init(frame: Image, motion: [UInt8], number: Int, time: GstClockTime) {
        self.frame = sha256([frame.samples].bytes[...])
        self.motion = sha256(motion[...])
        let hasTime = time != GstClockTime.max
        name = "frame-\(padded(number + 1, 6))" + (hasTime ? "-\(padded(time, 14))" : "")
        title = "frame \(number + 1)" + (hasTime ? " (at \(Double(time / 1_000_000) / 1000) s)" : "")
    }
}

/// A folder that stores results for later runs with the same settings. Each file is written atomically.
///
///     pentimento-folder.txt                    names of the files below; no other file here is ever removed
///     pentimento-optimize.json                 settings that the results depend on
///     frame-000002-00000040000000.safetensors  second frame, at 0.04 s, in network space
///     pass-03/frame-....safetensors            result of the third pass over a shot
final class ResultFolder {
    private let folder: OwnedFolder
    private let descriptor: Int32
    /// SHA-256 of the settings that the results depend on.
    private let settings: String
    private static let ending = ".safetensors"

    var path: String { folder.path }

    /// Opens the folder or creates it.
    ///
    /// - Throws: ``ElementError`` if it cannot be used, is in use, or holds results of other settings.
    init(_ path: String, settings: ResultSettings) throws {
        do { folder = try OwnedFolder(path, unindexed: .take) } catch { throw Self.storeError("\(error)") }
        // The element locks the folder itself; the command line locks the marker file in it.
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.storeError("\(FileError(errno, "read", path))") }
        self.settings = settings.digest
        // The lock is released when the descriptor is closed, at the latest when the process ends.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw ElementError(
                .settings, "\(path) is in use by another run.",
                remedy: "Wait for its end, or set another state-location.")
        }
        folder.removeUnfinished()
        try settings.check(in: folder)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The stored result of a frame; nil if there is none, or it is damaged or of other settings.
    ///
    /// - Parameter pass: counted from 1; 0 with a single pass.
    /// - Throws: ``ElementError`` if the result was computed from another frame or other flow.
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
                        "Use the same input and elements before styleoptimize, or set another state-location."
                )
            }
        }
        guard tensor.shape == [3, height, width] else { return nil }
        return Image(width: width, height: height, samples: tensor.values)
    }

    /// Stores a result.
    ///
    /// - Throws: ``ElementError`` if the disk is full or the name is taken by a file of another program. Earlier
    ///   results stay.
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
                remedy: "Make room and start the same run again: it resumes from the results in \(path).")
        }
    }

    /// The passes with a result file for a frame, valid or not.
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

/// A number padded with leading zeros.
func padded<Number: BinaryInteger>(_ number: Number, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
}
