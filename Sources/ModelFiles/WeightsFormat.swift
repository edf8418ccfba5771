/// The format of a weights file, detected by its first bytes.
package enum WeightsFormat {
    case onnx, safeTensors

    /// - Throws: an error that names the unsupported format, and how to convert the file.
    package init(_ bytes: [UInt8]) throws(ModelError) {
        let start = Array(bytes.prefix(9))
        if start.isEmpty { throw ModelError("is empty") }
        if start.count == 9, start[8] == UInt8(ascii: "{"), start[4..<8].allSatisfy({ $0 == 0 }) {
            self = .safeTensors
            return
        }
        if start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x80, 2]) {
            throw ModelError(
                "is a PyTorch file (a pickle, which can execute code when it is loaded); save it as safetensors: "
                    + "safetensors.torch.save_file(torch.load(FILE, weights_only=True), NEW)")
        }
        if start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
            throw ModelError("is a Keras file (HDF5); export the network as ONNX")
        }
        switch start[0] {
        // ModelProto.ir_version, the first field that every exporter writes.
        case 0x08: self = .onnx
        // NetParameter.name of Caffe, or a TensorFlow graph.
        case 0x0A:
            throw ModelError(
                "looks like a .caffemodel or a TensorFlow graph; export the network as ONNX or safetensors")
        default: throw ModelError("is neither ONNX nor safetensors")
        }
    }
}
