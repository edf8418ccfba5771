import CGStreamer
import GStreamerKit
import Glibc
import GstPentimento
import ModelFiles
import NeuralNet
import Support

/// Small models, a loss network and a style image in a folder of this process.
struct PipelineFiles {
    let folder: String

    /// Placeholder for the folder in pipeline descriptions.
    static let placeholder = "FOLDER"

    /// Initialises GStreamer with this build's elements and creates the files; nil on failure.
    static func prepare() -> PipelineFiles? {
        let folder = "\(String(cString: g_get_tmp_dir()))/pentimento-fuzz-\(getpid())"
        mkdir(folder, 0o700)
        setenv("PENTIMENTO_MODEL_PATH", folder, 1)
        gst_init(nil, nil)
        GLibMistakes.listen()
        guard registerPentimentoElements(), (try? makeModels(in: folder)) != nil,
            (try? makeLossNetwork(in: folder)) != nil
        else { return nil }
        // Registers the meta types.
        if let buffer = gst_buffer_new() {
            _ = (FlowMeta.all(of: buffer), CertaintyMeta.all(of: buffer), PriorMeta.find(in: buffer))
            _ = (CubeMapMeta.find(in: buffer, width: 1, height: 6), MaskMeta.find(in: buffer))
            gst_mini_object_unref(miniObject(buffer))
        }
        return PipelineFiles(folder: folder)
    }

    func remove() {
        for name in Files.names(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// Writes a loss network with random weights and a style image.
    private static func makeLossNetwork(in folder: String) throws {
        var random = SplitMix(seed: 2)
        // A repeated block of numbers, since generating millions takes long.
        let numbers = (0..<4099).map { _ in 2 * random.nextUnit() - 1 }
        var inputs = 3
        let convolutions = LossNetworkKind.vgg16.layers.map { layer in
            let outputs = LossNetworkKind.channelsPerBlock[layer.block - 1]
            defer { inputs = outputs }
            let limit = (6 / Float(9 * inputs)).squareRoot()
            let scaled = numbers.map { $0 * limit }
            let count = outputs * inputs * 9
            return LossNetworkWeights.Convolution(
                outputs: outputs, inputs: inputs,
                weight: Array(repeatElement(scaled, count: count / scaled.count + 1).joined().prefix(count)),
                bias: [Float](repeating: 0.1, count: outputs))
        }
        try LossNetworkFile(kind: .vgg16, convolutions: convolutions, input: .networkSpace, source: "random numbers")
            .write(to: "\(folder)/vgg16.safetensors")
        let pixels = (0..<24 * 24 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        try WholeFile.write(Array("P6 24 24 255\n".utf8) + pixels, to: "\(folder)/painting.ppm", replacing: true)
    }

    private static func makeModels(in folder: String) throws {
        var random = SplitMix(seed: 1)
        func tensor(_ shape: [Int]) -> SafeTensors.Tensor {
            SafeTensors.Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.nextUnit() - 0.5 })
        }
        for (name, kind, inputs, outputs) in [
            ("tiny", "video", 7, 3), ("gated", "video", 7, 4), ("image", "image", 3, 3),
        ] {
            var metadata = [
                "pentimento.kind": kind, "arch": "c3s1-4,c3s1-\(outputs)", "padding": "reflect", "norm": "instance",
                "input": "bgr-vgg", "tanh": "150",
            ]
            if outputs == 4 { metadata["gate"] = "prior" }
            try SafeTensors.write(
                [
                    ("0.conv.weight", tensor([4, inputs, 3, 3])), ("0.conv.bias", tensor([4])),
                    ("0.norm.scale", tensor([4])), ("0.norm.shift", tensor([4])),
                    ("1.conv.weight", tensor([outputs, 4, 3, 3])), ("1.conv.bias", tensor([outputs])),
                ], metadata: metadata, to: "\(folder)/\(name).safetensors")
        }
    }
}

/// Random property values, inside and outside their range, and garbage for strings.
enum RandomProperty {
    private static let texts = [
        "tiny", "gated", "image", "", "nowhere", "/", "/dev/null", "../../x", "1", "1,2", "1,2,3,40", "0", "-1", ",",
        "99999999999999999999999", "1,,2", "%s%n%d", "\u{0}", "\u{FFFD}\u{1F3A8}", "backward_[%d]_{%d}.flo", "[%d]",
        "{",
        String(repeating: "x", count: 5000),
    ]
    /// Limits for values that would take too much memory or time.
    private static let limits = [
        "face-size": 24, "overlap": 12, "width": 120, "threads": 4, "passes": 3, "pass-iterations": 2,
    ]

    static func set(
        of element: UnsafeMutablePointer<GstElement>, files: PipelineFiles, _ random: inout FuzzRandom
    ) {
        let object = element.of(GObject.self)
        let type = UnsafeRawPointer(object).load(as: UnsafeMutablePointer<GObjectClass>.self)
        var count: guint = 0
        guard let list = g_object_class_list_properties(type, &count) else { return }
        defer { g_free(list) }
        let settable = (0..<Int(count)).compactMap { list[$0] }.filter {
            $0.pointee.owner_type == type.pointee.g_type_class.g_type
                && $0.pointee.flags.rawValue & G_PARAM_WRITABLE.rawValue != 0
        }
        guard !settable.isEmpty else { return }
        let property = settable[random.below(settable.count)]
        let name = String(cString: property.pointee.name)
        var value = GValue()
        g_value_init(&value, property.pointee.value_type)
        defer { g_value_unset(&value) }
        switch g_type_fundamental(property.pointee.value_type) {
        case 5 << 2: g_value_set_boolean(&value, random.chance(2) ? 1 : 0)
        case 6 << 2:
            let number = random.chance(3) ? random.size() : random.below(300)
            g_value_set_int(&value, gint(clamping: limits[name].map { min(max(number, 0), $0) } ?? number))
        case 11 << 2: g_value_set_uint64(&value, guint64(random.next() >> UInt64(random.below(64))))
        case 15 << 2:
            let odd: [Double] = [.nan, .infinity, -.infinity, -1, 1e300, 0, 1, 0.5, 0.1]
            g_value_set_double(
                &value, random.chance(2) ? odd[random.below(odd.count)] : Double(random.below(1000)) / 1000)
        case 16 << 2:
            // Mostly names of models.
            g_value_set_string(&value, texts[random.below(random.chance(2) ? 3 : texts.count)])
        case 12 << 2: g_value_set_enum(&value, gint(random.below(6)))
        default: return
        }
        g_object_set_property(object, name, &value)
    }
}
