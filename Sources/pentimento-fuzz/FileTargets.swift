import Conversions
import Flow
import Glibc
import Imaging
import MediaIO
import ModelFiles
import NeuralNet
import Style
import Support
import Training

/// Targets for file parsers. Parsers that read from a path get a file in memory.
let fileTargets: [any FuzzTarget] = [
    FunctionTarget(name: "model", words: modelWords, makeSeeds: modelSeeds) {
        let model = try Model(bytes: $0)
        if let last = model.styles.last { _ = try model.selecting(last) }
    },
    FunctionTarget(name: "loss-network", words: modelWords, makeSeeds: lossNetworkSeeds) {
        _ = try LossNetworkImport(bytes: $0)
    },
    FunctionTarget(name: "json", words: ["\\u0000", "\\ud800", "null", "true", "1e5"], makeSeeds: jsonSeeds) {
        _ = try JSON(parsing: $0[...])
    },
    pathTarget("model-metadata", words: modelWords, seeds: modelSeeds) {
        _ = try SafeTensors.metadata(of: $0)
    },
    pathTarget("checkpoint", words: modelWords, seeds: checkpointSeeds) { _ = try Checkpoint(contentsOf: $0) },
    pathTarget("pnm", words: ["P5", "P6", "255", "65535", "#\n"], seeds: pnmSeeds) {
        _ = try? Image(contentsOfPNM: $0)
        _ = try? Plane<UInt8>(contentsOfPGM: $0)
    },
    pathTarget(
        "picture",
        words: ["IHDR", "PLTE", "tRNS", "acTL", "fcTL", "fdAT", "iCCP", "eXIf", "IEND", "Exif", "II*", "GIF89a", "P6"],
        seeds: pictureSeeds
    ) { path in
        // Others would go to GStreamer's decoders.
        let start = try Files.start(of: path, count: 3).bytes
        guard try pictureSeeds().contains(where: { $0.starts(with: start) }) else { return }
        let input = try MediaInput(path)
        guard input.hasPictures, input.width < 1 << 12, input.height < 1 << 12 else { return }
        _ = try Image(contentsOf: path)
    },
    pathTarget(
        "video", words: ["moov", "trak", "stsd", "avcC", "elst", "mdat", "colr", "RIFF", "strf", "LIST"],
        seeds: videoSeeds
    ) { path in
        let input = try MediaInput(path)
        guard !input.hasPictures, input.width < 1 << 12, input.height < 1 << 12 else { return }
        let reader = try FrameReader(input)
        for _ in 0..<8 where try reader.next() != nil {}
    },
    pathTarget("flow", words: ["PIEH"], seeds: flowSeeds) { _ = try FlowField(contentsOf: $0) },
    pathTarget(
        "spherical", words: ["moov", "trak", "sv3d", "st3d", "uuid", "GPano", "ftyp", "stco", "co64", "eXIf", "iTXt"],
        seeds: sphericalSeeds
    ) { path in
        _ = try? SphericalMetadata.read(from: path)
        _ = try? SphericalMetadata().write(into: path, width: 64, height: 32)
    },
]

private let modelWords = [
    "__metadata__", "dtype", "shape", "data_offsets", "F32", "F16", "BF16", "pentimento.kind", "video", "image", "arch",
    "padding", "state", "checksum", "history", "parameters", "step", "styles", "c9s1-16", "U2", "R64", "d32",
]

/// The path of a file in memory, unique per process.
private let scratchPath: String = {
    let folder = Files.isFolder("/dev/shm") ? "/dev/shm" : "/tmp"
    return "\(folder)/pentimento-fuzz-\(ProcessNumber.value)"
}()

private func pathTarget(
    _ name: String, words: [String], seeds: @escaping @Sendable () throws -> [[UInt8]],
    body: @escaping @Sendable (String) throws -> Void
) -> FunctionTarget {
    FunctionTarget(name: name, words: words, makeSeeds: seeds) { bytes in
        try ScratchFile.write(bytes, to: scratchPath)
        try body(scratchPath)
    }
}

// MARK: - Seeds

private func description(_ architecture: String) throws -> ModelDescription {
    try ModelDescription(
        kind: .video, architecture: Architecture(parsing: architecture), isGated: architecture.hasSuffix("-4"))
}

@Sendable private func modelSeeds() throws -> [[UInt8]] {
    let models = ["c3s1-4,d4,R4,U2,c3s1-4", "c3s1-4,d4,c3s1-4,+1,U2,c3s1-3", "c1s1-3", "u4,d4,c3s1-3"]
    return try models.map { try Model.formulaBytes(description($0)) }
        + [styledModel("c3s1-4,R4,c3s1-3"), styledModel("c3s1-4,c3s1-3", hasTextures: true)]
}

/// A model of two styles.
private func styledModel(_ architecture: String, hasTextures: Bool = false) throws -> [UInt8] {
    let one = try NetworkParameters(Model(bytes: Model.formulaBytes(description(architecture))))
    let norms = NormRanges(one).values(in: one.values)
    var styled = one.description
    styled.styles = ["a", "b"]
    if hasTextures { styled.fill = .texture }
    let texture = StyleTexture(width: 2, height: 1, pixels: [0, 50, 100, 150, 200, 250])
    return try NetworkParameters(description: styled, values: one.values)
        .encoded(norms: [norms, norms.reversed()], textures: hasTextures ? [texture, texture] : [])
}

@Sendable private func checkpointSeeds() throws -> [[UInt8]] {
    let vector = SafeTensors.Tensor(shape: [3], values: [1, 2, 3])
    let network = try NetworkParameters(Model(bytes: Model.formulaBytes(description("c3s1-4,c3s1-3"))))
    let state = try Checkpoint(
        settings: TrainingSettings(), inputs: ["style": "a"], step: 0, seconds: 1, rateFactor: 1, history: [],
        validations: [], parameters: network.values, optimizer: AdamState(count: network.values.count),
        bank: StyleBank(network, starts: [nil])
    ).encoded()
    return [
        state,
        SafeTensors.encode(
            [("parameters", vector), ("adam.mean", vector), ("adam.square", vector)], metadata: ["state": "{}"]),
    ]
}

@Sendable private func lossNetworkSeeds() throws -> [[UInt8]] {
    // One convolution of VGG-16 as safetensors and as ONNX (field numbers of onnx.proto).
    let tensor = SafeTensors.Tensor(shape: [1, 1, 3, 3], values: [Float](repeating: 0.5, count: 9))
    let name = "features.0.weight"
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    let values = tensor.values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    let initializer = [8, 1, 8, 1, 8, 3, 8, 3, 16, 1] + field(8, Array(name.utf8)) + field(9, values)
    return [
        SafeTensors.encode([(name, tensor)], metadata: [:]),
        [8, 8] + field(7, field(2, Array("graph".utf8)) + field(5, initializer)),
    ]
}

@Sendable private func jsonSeeds() -> [[UInt8]] {
    ["{\"a\":[1,2.5e3,null,true,{\"b\":\"c\\u00e9\\n\"}]}", "[]", "\"\"", "-12"].map { Array($0.utf8) }
}

@Sendable private func pnmSeeds() -> [[UInt8]] {
    [
        Array("P6\n2 1\n255\n".utf8) + [1, 2, 3, 4, 5, 6], Array("P5 # x\n1 2 15\n".utf8) + [1, 2],
        Array("P5\n1 1\n255\n".utf8) + [7],
    ]
}

@Sendable private func pictureSeeds() throws -> [[UInt8]] {
    try savedPictureSeeds.get()
}

@Sendable private func videoSeeds() throws -> [[UInt8]] {
    try savedVideoSeeds.get()
}

private let savedVideoSeeds = Result {
    try ["mp4", "mkv", "webm"].map { ending in
        let path = "\(scratchPath).\(ending)"
        defer { unlink(path) }
        let clip = try ClipWriter(path, width: 32, height: 16, frameRate: 25, replacing: true)
        for level in 0..<4 { try clip.append(Image(width: 32, height: 16, repeating: Float(level) * 60)) }
        try clip.finish()
        return try Files.read(path)
    }
}

private let savedPictureSeeds = Result {
    let image = Image(width: 7, height: 5, samples: (0..<105).map { Float($0 * 2) })
    let files = try ["png", "jpg", "ppm"].map { ending in
        let path = "\(scratchPath).\(ending)"
        defer { unlink(path) }
        try image.write(to: path, replacing: true)
        return try Files.read(path)
    }
    // Two frames of two pixels.
    let gif: [UInt8] = [0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0A, 0]
    let header = Array("GIF89a".utf8) + [2, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
    return files + [header + gif + [0x21, 0xF9, 4, 0, 9, 0, 0, 0] + gif + [0x3B]]
}

@Sendable private func flowSeeds() -> [[UInt8]] {
    func words(_ numbers: [UInt32]) -> [UInt8] {
        numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }
    return [Array("PIEH".utf8) + words([2, 1, 0, 0, 0x3F80_0000, 0])]
}

@Sendable private func sphericalSeeds() -> [[UInt8]] {
    func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(content.count + 8).bigEndian) { Array($0) } + Array(type.utf8) + content
    }
    let entry = box(
        "avc1", [UInt8](repeating: 0, count: 78) + box("sv3d", box("svhd", [0, 0, 0, 0, 65, 0]) + box("proj", [])))
    let table = box(
        "stbl", box("stsd", [0, 0, 0, 0, 0, 0, 0, 1] + entry) + box("stco", [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9]))
    let movie = box("moov", box("trak", box("mdia", box("minf", table))))
    let matroska: [UInt8] =
        [0x1A, 0x45, 0xDF, 0xA3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x9B, 0x16, 0x54, 0xAE, 0x6B, 0x96, 0xAE, 0x94]
        + [0xE0, 0x92, 0x76, 0x70, 0x8F, 0x76, 0x71, 0x81, 1, 0x76, 0x73, 0x84, 0, 0, 0, 0, 0x76, 0x75, 0x81, 0]
    let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, 0, 8] + Array("http:/".utf8) + [0xFF, 0xDA, 0, 2, 0xFF, 0xD9]
    let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + box("IHDR", [0, 0, 0, 1]) + [0, 0, 0, 0] + box("IEND", [])
    return [box("ftyp", Array("isom".utf8)) + movie + box("mdat", [1, 2]), matroska, jpeg, png]
}
