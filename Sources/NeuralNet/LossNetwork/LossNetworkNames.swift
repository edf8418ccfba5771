/// The naming schemes of VGG's tensors in other programs.
enum LossNetworkNames: CaseIterable {
    case keras, caffe, torchvision, modelZoo

    /// The numbers in a tensor's name that identify its convolution, such as block and layer; they sort in the order of
    /// the network. Nil if the name is not that of a convolution's tensor.
    func layerIndex(of name: String) -> [Int]? {
        switch self {
        case .keras: numbers(in: name, after: ["block", "_conv"])
        // Keras' names match this pattern too.
        case .caffe: Self.keras.layerIndex(of: name) == nil ? numbers(in: name, after: ["conv", "_"]) : nil
        case .torchvision: numbers(in: name, after: ["features."])
        case .modelZoo: numbers(in: name, after: ["vgg", "_conv"])
        }
    }

    /// Whether a tensor of that name belongs to a batch normalisation.
    func isNormalization(_ name: String) -> Bool {
        switch self {
        case .keras: numbers(in: name, after: ["block", "_bn"]) != nil
        case .caffe: numbers(in: name, after: ["bn", "_"]) != nil
        case .torchvision:
            layerIndex(of: name) != nil && (name.hasSuffix(".running_mean") || name.hasSuffix(".running_var"))
        case .modelZoo: numbers(in: name, after: ["vgg", "_batchnorm"]) != nil
        }
    }

    /// The usual input normalisation of networks with these names.
    var input: LossNetworkInput { self == .keras || self == .caffe ? .networkSpace : .unitRGB }

    var description: String {
        switch self {
        case .keras: "Keras' names"
        case .caffe: "Caffe's names"
        case .torchvision: "torchvision's names"
        case .modelZoo: "the ONNX model zoo's names"
        }
    }

    /// The numbers that follow each of `words`, in this order. The first must be at the start of a word.
    private func numbers(in name: String, after words: [String]) -> [Int]? {
        let text = Array(name.utf8)
        for start in text.indices where start == 0 || !text[start - 1].isLetter {
            var position = start
            var numbers: [Int] = []
            for word in words {
                guard text[position...].starts(with: word.utf8) else { break }
                position += word.utf8.count
                let digits = text[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                guard let number = Int(String(decoding: digits, as: UTF8.self)), number < 1000 else { break }
                numbers.append(number)
                position += digits.count
            }
            if numbers.count == words.count { return numbers }
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20
    }
}
