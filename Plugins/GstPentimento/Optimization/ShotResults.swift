import GStreamerKit
import Imaging
import Style

/// Storage for the results of the passes over a shot.
protocol ShotResults: AnyObject {
    /// Bytes of the shot's file that each frame's result takes.
    var bytesPerFrame: Int { get }
    /// Adds a frame to the shot.
    func append(_ origin: () -> ResultOrigin) throws
    /// The last pass with a result for a frame; 0 if there is none.
    func passesDone(of index: Int) throws -> Int
    /// The result of a pass for a frame. Throws if it is not stored.
    func result(of index: Int, pass: Int) throws -> Image
    /// Stores the result of a pass for a frame.
    func setResult(_ image: Image, of index: Int, pass: Int) throws
}

/// Keeps the latest result of each frame in the shot's temporary file.
final class ScratchShotResults: ShotResults {
    private let file: ScratchFile
    private let width: Int
    private let height: Int
    private var results: [(start: Int, pass: Int)] = []

    init(_ file: ScratchFile, width: Int, height: Int) {
        self.file = file
        self.width = width
        self.height = height
    }

    var bytesPerFrame: Int { 3 * width * height * MemoryLayout<Float>.size }

    func append(_ origin: () -> ResultOrigin) throws { results.append((try file.reserve(bytesPerFrame), 0)) }

    func passesDone(of index: Int) -> Int { results[index].pass }

    func result(of index: Int, pass: Int) throws -> Image {
        guard results[index].pass == pass else { throw missing(index, pass) }
        let samples = try file.read(3 * width * height, at: results[index].start, zero: Float(0))
        return Image(width: width, height: height, samples: samples)
    }

    func setResult(_ image: Image, of index: Int, pass: Int) throws {
        try file.write(image.samples, at: results[index].start)
        results[index].pass = pass
    }
}

/// Keeps the latest two results of each frame in a folder that outlives the run, so that a damaged one can be
/// recomputed.
final class FolderShotResults: ShotResults {
    private let folder: ResultFolder
    private let width: Int
    private let height: Int
    private var origins: [ResultOrigin] = []
    /// The passes with valid results for each frame; nil before the folder is read.
    private var passes: [Set<Int>]?

    init(_ folder: ResultFolder, width: Int, height: Int) {
        self.folder = folder
        self.width = width
        self.height = height
    }

    let bytesPerFrame = 0

    func append(_ origin: () -> ResultOrigin) {
        origins.append(origin())
        passes = nil
    }

    func passesDone(of index: Int) throws -> Int { try found()[index].max() ?? 0 }

    func result(of index: Int, pass: Int) throws -> Image {
        guard let image = try folder.result(of: origins[index], pass: pass, width: width, height: height) else {
            throw missing(index, pass)
        }
        return image
    }

    func setResult(_ image: Image, of index: Int, pass: Int) throws {
        try folder.keep(image, of: origins[index], pass: pass)
        var passes = try found()
        passes[index].insert(pass)
        for old in passes[index] where old < pass - 1 {
            folder.remove(origins[index], pass: old)
            passes[index].remove(old)
        }
        self.passes = passes
    }

    /// The passes of earlier runs from which this run can resume: all of them or none.
    private func found() throws -> [Set<Int>] {
        if let passes { return passes }
        var found: [Set<Int>] = try origins.map { origin in
            Set(
                try folder.passes(of: origin).filter {
                    try folder.result(of: origin, pass: $0, width: width, height: height) != nil
                })
        }
        if !canGoOn(from: found) {
            for origin in origins { for pass in folder.passes(of: origin) { folder.remove(origin, pass: pass) } }
            found = found.map { _ in [] }
        }
        passes = found
        return found
    }

    /// Whether every frame that lags behind has the inputs of its next passes: its own last result and its neighbour's
    /// result of the same pass, stored or still to be computed.
    private func canGoOn(from found: [Set<Int>]) -> Bool {
        let latest = found.map { $0.max() ?? 0 }
        let last = latest.max() ?? 0
        for index in found.indices where latest[index] < last {
            for pass in (latest[index] + 1)...last where pass > 1 {
                let neighbor = index + (MultiPassOptimizer.isForward(pass) ? -1 : 1)
                guard found.indices.contains(neighbor) else { continue }
                if latest[neighbor] >= pass && !found[neighbor].contains(pass) { return false }
            }
        }
        return true
    }
}

private func missing(_ index: Int, _ pass: Int) -> OptimizationError {
    .shot("Frame \(index + 1) has no result of pass \(pass).")
}
