import ArgumentParser
import FoundationEssentials
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

struct ModelsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Imports VGG-16 or VGG-19 from an ONNX or safetensors file as a loss network.",
        discussion: """
            The input convention is detected from the tensor names. Keras and Caffe: BGR in 0...255 minus the mean. torchvision, \
            timm and the ONNX model zoo: RGB in 0...1, normalised. Set --input if the detection is wrong.
            """)

    enum Convention: String, CaseIterable, ExpressibleByArgument {
        case caffe, torchvision

        var input: LossNetworkInput { self == .caffe ? .networkSpace : .unitRGB }
    }

    @Argument(help: "An .onnx or .safetensors file.")
    var file: String

    @Option(help: "Name of the loss network. (default: vgg16 or vgg19)")
    var name: String?

    @Option(help: "Input convention: caffe or torchvision. (default: detected from the tensor names)")
    var input: Convention?

    @Flag(help: "Replace an existing loss network of that name.")
    var force = false

    func validate() throws {
        guard let name else { return }
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.hasSuffix(".safetensors") else {
            throw ValidationError("--name is a plain name such as vgg19, not \"\(name)\"")
        }
    }

    func run() throws {
        let found = try LossNetworkImport(contentsOf: file, input: input?.input)
        let path = try UserModels.path(of: name ?? found.file.weights.kind.rawValue)
        guard force || !Files.exists(path) else {
            throw MediaError("\(path): is there already; --force replaces it, --name NAME gives another name")
        }
        try UserModels.write(found.file, to: path)
        let convention = Convention.allCases.first { $0.input == found.file.input }?.rawValue ?? ""
        Terminal.write(
            "\(path): \(found.file.weights.kind.rawValue), input \(found.file.input.rawValue) (\(convention); \(found.inputReason))",
            to: .output)
    }
}

/// The folder of the user's own models.
enum UserModels {
    /// The path of a model.
    static func path(of name: String) throws -> String {
        guard let folder = ModelLibrary.userFolder else {
            throw MediaError("there is no folder for models: set HOME or XDG_DATA_HOME")
        }
        return "\(folder)/\(name).safetensors"
    }

    /// Writes a loss network atomically.
    static func write(_ file: LossNetworkFile, to path: String) throws {
        let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw MediaError("\(folder): cannot be made; is the folder above it there and writable?")
        }
        try file.write(to: path)
    }
}
