import CKernels
import COneDNN
import Glibc

/// Compares the speed of each convolution of the paper's network at 1024x436 with oneDNN.
///
/// Both use their preferred layouts, with weights reordered beforehand. oneDNN chooses its algorithm, and gets the
/// upsampled tensor in upsampling layers.
enum ConvolutionSpeed {
    static let usage = "[threads]"

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Layer {
        let name: String
        let kernel: Int
        var stride = 1
        let inputs: Int
        let outputs: Int
        /// Input width without padding.
        let width: Int
        let height: Int
        let padding: Int
        /// Upsampling factor before the convolution; the blocked kernels fold both into a kernel of size `folded`.
        var upsampling = 1
        var folded: Int?
    }

    private static let layers = [
        Layer(name: "c9s1-32", kernel: 9, inputs: 7, outputs: 32, width: 1104, height: 516, padding: 4),
        Layer(name: "d64", kernel: 3, stride: 2, inputs: 32, outputs: 64, width: 1104, height: 516, padding: 1),
        Layer(name: "d128", kernel: 3, stride: 2, inputs: 64, outputs: 128, width: 552, height: 258, padding: 1),
        Layer(name: "R128", kernel: 3, inputs: 128, outputs: 128, width: 264, height: 117, padding: 0),
        Layer(
            name: "U2,c3s1-64", kernel: 3, inputs: 128, outputs: 64, width: 256, height: 109, padding: 1, upsampling: 2,
            folded: 3),
        Layer(
            name: "U2,c9s1-3", kernel: 9, inputs: 64, outputs: 3, width: 512, height: 218, padding: 4, upsampling: 2,
            folded: 5),
    ]

    static func run(_ arguments: [String]) throws {
        let threads = arguments.first.flatMap { Int($0) } ?? Int(kernel_processor_count())
        setenv("OMP_NUM_THREADS", "\(threads)", 1)
        print("medians in ms, \(threads) threads")
        for layer in layers {
            let peer = try oneDNN(layer)
            let own = try blocked(layer, threads: threads)
            var times: (own: [Double], peer: [Double]) = ([], [])
            for round in 0...9 {
                let pair = (milliseconds(own), milliseconds(peer))
                if round == 0 { continue }
                times.own.append(pair.0)
                times.peer.append(pair.1)
            }
            let (mine, theirs) = (times.own.sorted()[4], times.peer.sorted()[4])
            print(
                "\(layer.name): Pentimento \(rounded(mine)), oneDNN \(rounded(theirs)), ratio \(rounded(mine / theirs))"
            )
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private static func milliseconds(_ work: () -> Void) -> Double {
        let duration = ContinuousClock().measure(work)
        return Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
    }

    private static func memory(_ floats: Int) throws -> UnsafeMutablePointer<Float> {
        guard let memory = blocked_allocate(floats) else { throw Failure(description: "there is not enough memory") }
        for index in 0..<floats { memory[index] = Float(index * 7919 % 255) / 128 - 1 }
        return memory
    }

    /// A convolution by the blocked kernels. Its memory is never freed.
    private static func blocked(_ layer: Layer, threads: Int) throws -> () -> Void {
        let side = layer.folded ?? layer.kernel
        let margin = layer.folded.map { $0 / 2 } ?? layer.padding
        let phases = layer.upsampling * layer.upsampling
        let isLast = layer.outputs == 3
        var kernel = blocked_kernel()
        kernel.method = side == 9 ? BLOCKED_DECOMPOSED : BLOCKED_TILES
        kernel.kernel = Int32(side)
        kernel.stride = Int32(layer.stride)
        kernel.dilation = 1
        kernel.inputs = Int32(layer.inputs)
        kernel.output_blocks = Int32((layer.outputs * phases + 15) / 16)
        var source = blocked_source()
        source.channels = kernel.inputs
        source.width = Int32(layer.width)
        source.height = Int32(layer.height)
        func table(_ length: Int) -> UnsafePointer<Int32> {
            let table = UnsafeMutablePointer<Int32>.allocate(capacity: length + 2 * margin)
            for index in 0..<length + 2 * margin {
                table[index] = margin..<length + margin ~= index ? Int32(index - margin) : -1
            }
            return UnsafePointer(table)
        }
        source.columns = table(layer.width)
        source.rows = table(layer.height)
        source.column_count = Int32(layer.width + 2 * margin)
        source.row_count = Int32(layer.height + 2 * margin)
        source.values = UnsafePointer(try memory((layer.inputs + 15) / 16 * 16 * layer.width * layer.height))
        if layer.inputs < 8 {
            let planes = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: layer.inputs)
            for channel in 0..<layer.inputs { planes[channel] = source.values + channel * layer.width * layer.height }
            source.planes = UnsafePointer(planes)
        }
        var target = blocked_target()
        target.width = (source.column_count - kernel.kernel) / kernel.stride + 1
        target.height = (source.row_count - kernel.kernel) / kernel.stride + 1
        target.blocks = kernel.output_blocks
        target.upscale = isLast ? 1 : Int32(layer.upsampling)
        target.values = try memory(Int(target.width * target.height * target.blocks * 16))
        let chunks = Int(blocked_chunk_count(&kernel, &target))
        target.moments = try memory(chunks * Int(target.blocks) * 32)
        target.counts = UnsafeMutablePointer<Int32>.allocate(capacity: chunks)
        let weight = try memory(Int(kernel.output_blocks) * 16 * layer.inputs * side * side)
        let reordered = try memory(blocked_weights_size(&kernel))
        blocked_reorder_weights(&kernel, weight, reordered)
        guard let scratch = blocked_scratch_create(Int32(threads), blocked_scratch_size(&kernel, &target)) else {
            throw Failure(description: "there is not enough memory")
        }
        return { [kernel, source, target] in
            var (kernel, source, target) = (kernel, source, target)
            blocked_convolve(&kernel, &source, &target, reordered, scratch, Int32(threads))
        }
    }

    /// A convolution by oneDNN in its preferred layouts.
    private static func oneDNN(_ layer: Layer) throws -> () -> Void {
        func check(_ status: dnnl_status_t) throws {
            guard status == dnnl_success else {
                throw Failure(description: "oneDNN refuses: status \(status.rawValue)")
            }
        }
        var engine: dnnl_engine_t?
        try check(dnnl_engine_create(&engine, dnnl_cpu, 0))
        var stream: dnnl_stream_t?
        try check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue))
        let width = layer.width * layer.upsampling
        let height = layer.height * layer.upsampling
        func output(_ length: Int) -> Int { (length + 2 * layer.padding - layer.kernel) / layer.stride + 1 }
        func pair(_ value: Int) -> [Int64] { [Int64](repeating: Int64(value), count: 2) }
        var primitiveDescription: dnnl_primitive_desc_t?
        try check(
            onednn_convolution(
                &primitiveDescription, engine, [1, layer.inputs, height, width].map(Int64.init),
                [layer.outputs, layer.inputs, layer.kernel, layer.kernel].map(Int64.init),
                [1, layer.outputs, output(height), output(width)].map(Int64.init), pair(layer.stride),
                pair(layer.padding)))
        var primitive: dnnl_primitive_t?
        try check(dnnl_primitive_create(&primitive, primitiveDescription))
        var arguments: [dnnl_exec_arg_t] = []
        let roles: [(query: dnnl_query_t, argument: Int32)] = [
            (dnnl_query_src_md, 1), (dnnl_query_weights_md, 33), (dnnl_query_dst_md, 17),
        ]
        for role in roles {
            let layout = dnnl_primitive_desc_query_md(primitiveDescription, role.query, 0)
            var tensor: dnnl_memory_t?
            let values = try memory(dnnl_memory_desc_get_size(layout) / MemoryLayout<Float>.size)
            try check(dnnl_memory_create(&tensor, layout, engine, values))
            arguments.append(dnnl_exec_arg_t(arg: role.argument, memory: tensor))
        }
        return { [arguments] in
            dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments)
            dnnl_stream_wait(stream)
        }
    }
}
