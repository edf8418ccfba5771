import FoundationEssentials
import Imaging
import MediaIO
import ModelFiles
import NeuralNet
import Support

/// The folder of a reproduction: results of finished jobs, frames of an unfinished one, trained models
/// and pictures.
///
///     results/offline-scream-alley_1-random.json
///     frames/offline-scream-alley_1-random-0002.safetensors    removed when the job is finished
///     models/Di-8b1c0e27a9d4.safetensors
///     pictures/offline-scream-alley_1-random.jpg
public final class JobStore {
    private let folder: OwnedFolder
    /// Path of the folder.
    public var path: String { folder.path }

    private struct Kept: Codable {
        let settings: [String: String]
        let result: JobResult
    }

    /// Opens or creates the folder and locks it.
    ///
    /// - Throws: `FileError` if it holds files of other programs, or another run uses it.
    public init(_ path: String) throws {
        folder = try OwnedFolder(path, unindexed: .takeEmpty)
        try folder.lock()
    }

    /// What the folder has of a job.
    package enum Finding {
        case nothing
        case result(JobResult)
        /// A result that is not used, and why: a part of a sentence.
        case unusable(String)
    }

    package func find(_ job: Job) -> Finding {
        let name = Self.resultName(job)
        guard folder.contains(name) else { return .nothing }
        guard let bytes = try? Files.read(folder.path(of: name), limit: 1 << 20),
            let kept = try? JSONDecoder().decode(Kept.self, from: Data(bytes))
        else { return .unusable("\(name) is damaged") }
        if let change = Self.change(from: kept.settings, to: job.settings) { return .unusable(change) }
        if let lost = kept.result.pictures.map(Self.pictureName).first(where: { !folder.contains($0) }) {
            return .unusable("\(lost) is missing")
        }
        return .result(kept.result)
    }

    /// The first difference, by name; nil if there is none.
    private static func change(from old: [String: String], to new: [String: String]) -> String? {
        for name in Set(old.keys).union(new.keys).sorted() {
            switch (old[name], new[name]) {
            case (nil, _): return "\(name) was not recorded"
            case (_, nil): return "\(name) no longer counts"
            case (let before?, let now?) where before != now:
                // Digests say nothing to a reader.
                return max(before.count, now.count) > 24 ? "\(name) has changed" : "\(name) was \(before), is \(now)"
            default: continue
            }
        }
        return nil
    }

    package func keep(_ result: JobResult, of job: Job) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(Kept(settings: job.settings, result: result))
        try folder.write(Array(bytes), to: Self.resultName(job))
        removeFrames(of: job)
    }

    // MARK: Frames of an unfinished job

    /// A frame of an earlier, interrupted run of the job, and its numbers; nil if there is none.
    ///
    /// - Parameter number: of the frame, from 0.
    func frame(_ number: Int, of job: String, settings: [String: String]) -> (image: Image, facts: [String: Double])? {
        let name = Self.frameName(number, job)
        guard folder.contains(name), let kept = try? SafeTensors(contentsOf: folder.path(of: name)),
            kept.metadata["checksum"] == kept.checksum, kept.metadata["settings"] == Self.digest(settings),
            let tensor = kept.tensors["frame"], tensor.shape.count == 3
        else { return nil }
        let facts = kept.metadata.compactMapValues(Double.init)
        return (Image(width: tensor.shape[2], height: tensor.shape[1], samples: tensor.values), facts)
    }

    /// Keeps a frame until the job is finished.
    ///
    /// - Parameter facts: numbers that belong to it, such as its seconds.
    func keep(
        _ image: Image, as number: Int, of job: String, settings: [String: String], facts: [String: Double]
    ) throws {
        var metadata = facts.mapValues { "\($0)" }
        metadata["settings"] = Self.digest(settings)
        let tensor = SafeTensors.Tensor(shape: [image.channels, image.height, image.width], values: image.samples)
        try folder.write(
            SafeTensors.encode([("frame", tensor)], metadata: metadata), to: Self.frameName(number, job))
    }

    private func removeFrames(of job: Job) {
        let start = "frames/\(Self.fileName(job.name))-"
        for name in folder.names where name.hasPrefix(start) { folder.remove(name) }
    }

    // MARK: Trained models

    /// A model that was trained with these settings; nil if there is none.
    func model(_ name: String, settings: [String: String]) -> Model? {
        let file = Self.modelName(name, settings)
        return folder.contains(file) ? try? Model(contentsOf: folder.path(of: file)) : nil
    }

    /// Keeps the bytes of a model's file.
    func keep(model bytes: [UInt8], as name: String, settings: [String: String]) throws {
        try folder.write(bytes, to: Self.modelName(name, settings))
    }

    private static func modelName(_ name: String, _ settings: [String: String]) -> String {
        "models/\(name)-\(digest(settings).prefix(12)).safetensors"
    }

    // MARK: Pictures and the page

    /// Writes a picture as JPEG.
    ///
    /// - Parameters:
    ///   - image: in picture space.
    ///   - job: gives the picture its name.
    /// - Returns: the name for ``JobResult/pictures``.
    func write(_ image: Image, of job: String) throws -> String {
        let name = Self.fileName(job) + ".jpg"
        let unfinished = folder.path(of: "unfinished.jpg")
        try image.write(to: unfinished, replacing: true)
        defer { Files.remove(unfinished) }
        try folder.write(Files.read(unfinished, limit: 1 << 28), to: Self.pictureName(name))
        return name
    }

    /// Writes a text file into the folder.
    public func write(_ text: String, to name: String) throws {
        try folder.write(Array(text.utf8), to: name)
    }

    /// The picture's path relative to the folder.
    static func pictureName(_ name: String) -> String { "pictures/\(name)" }

    private static func resultName(_ job: Job) -> String { "results/\(fileName(job.name)).json" }

    private static func frameName(_ number: Int, _ job: String) -> String {
        "frames/\(fileName(job))-\(number).safetensors"
    }

    private static func fileName(_ job: String) -> String { job.split(separator: "/").joined(separator: "-") }

    private static func digest(_ settings: [String: String]) -> String {
        let text = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        return sha256(Array(text.utf8)[...])
    }
}
