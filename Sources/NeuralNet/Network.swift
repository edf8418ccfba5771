import CKernels
import Imaging

/// A model made ready for frames of one size.
///
/// Its memory is laid out once and used again for each frame, so that an instance serves one thread at a time.
public final class Network {
    public let width: Int
    public let height: Int
    let threads: Int
    private let takesPrior: Bool
    let memory = Memory()
    let plan: NetworkPlan
    private let scratch: Scratch
    /// Called when a step is done, by its place; for tests.
    package var observer: ((_ step: Int) -> Void)?
    /// What the last picture's normalisations met.
    public private(set) var statistics = PictureStatistics()
    /// A plane of zeros, for the inputs that are not there.
    private let empty: [Float]

    /// - Parameters:
    ///   - width: of the frames, in pixels, 1 or more; so is the height.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    /// - Throws: an error if the architecture does not give a picture of its frame's size, is too large, or takes more memory than
    ///   there is or than `MemoryLimit` allows.
    public convenience init(model: Model, width: Int, height: Int, threads: Int = 0) throws(ModelError) {
        try Self.price(of: model.description, width: width, height: height, threads: threads)
            .check("the network at \(width)x\(height)", remedy: "take smaller frames, a smaller scale or another model")
        try self.init(
            model.description, weights: model.weights, width: width, height: height, threads: threads, retains: false)
    }

    /// The memory that it takes.
    package var price: PlanPrice { memory.price }

    /// The memory that a network will take.
    ///
    /// - Throws: an error if there can be none, as for the network itself.
    package static func price(
        of description: ModelDescription, width: Int, height: Int, threads: Int = 0
    ) throws(ModelError) -> PlanPrice {
        let memory = Memory(isPriceOnly: true)
        _ = try plan(
            description, weights: emptyWeights(of: description), width: width, height: height, threads: threads,
            memory: memory, retains: false, twin: nil)
        return memory.price
    }

    /// - Parameters:
    ///   - retains: whether all activations are there after a frame, for the way back.
    ///   - other: a network of the same model and size, which must outlive this one, whose weights this one has too.
    init(
        _ description: ModelDescription, weights: [LayerWeights], width: Int, height: Int, threads: Int,
        retains: Bool, sharingWeightsOf other: Network? = nil
    ) throws(ModelError) {
        self.width = width
        self.height = height
        self.threads = threads
        takesPrior = description.kind == .video
        plan = try Self.plan(
            description, weights: weights, width: width, height: height, threads: threads, memory: memory,
            retains: retains, twin: other?.plan)
        scratch = try Scratch(threads: threads, size: plan.scratchSize)
        empty = takesPrior ? [Float](repeating: 0, count: width * height) : []
    }

    /// The plan, with what else a network takes noted in the memory's price.
    static func plan(
        _ description: ModelDescription, weights: [LayerWeights], width: Int, height: Int, threads: Int,
        memory: Memory, retains: Bool, twin: NetworkPlan?
    ) throws(ModelError) -> NetworkPlan {
        guard 1...65536 ~= width, 1...65536 ~= height else {
            throw ModelError("a network cannot work on frames of \(width)x\(height)")
        }
        let plan = try NetworkPlan(
            description, weights: weights, width: width, height: height, memory: memory, retains: retains,
            sharingWeightsOf: twin)
        memory.note(Scratch.floats(threads: threads, size: plan.scratchSize))
        // A plane of zeros, the frame, its prior and the picture.
        memory.note(width * height * 11)
        return plan
    }

    /// Stylizes one frame. All pictures are in network space (blue, green, red minus the mean) at the network's size.
    ///
    /// - Parameters:
    ///   - prior: the previous stylized frame as the network gets it: warped, multiplied by the certainty, filled. Without
    ///     it, or without certainty, the frame is stylized on its own. An `image` model ignores both.
    ///   - certainty: 0 to 1 for each pixel of the prior.
    ///   - coherence: added to the logit of a gated model's gate; above 0 more of the prior shows.
    ///   - others: what pictures beside this one met in a network of the same architecture: it is normalised by what all of them
    ///     meet together.
    /// - Returns: the picture before clamping: between minus and plus the model's output scale, or the prior's values.
    /// - Throws: where the calling thread's `Cancellation` is requested, after the layer at hand at the latest.
    /// - Precondition: all pictures have the network's size.
    public func run(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0,
        beside others: [PictureStatistics] = []
    ) throws(Cancelled) -> Image {
        var result: Result<Void, Cancelled> = .success(())
        let picture = Image(width: width, height: height) { picture in
            result = Result { () throws(Cancelled) in
                try run(
                    part: 0, of: 1, frame, prior: prior, certainty: certainty, coherence: coherence, beside: others,
                    into: picture)
            }
        }
        try result.get()
        return picture
    }

    /// Stylizes one of several pictures that lie one below the other, as ``run(frame:prior:certainty:coherence:beside:)`` does.
    ///
    /// - Parameters:
    ///   - part: which one, counted from 0.
    ///   - frame: that picture alone.
    ///   - prior, certainty: of all.
    ///   - painting: all; its rows are painted.
    /// - Throws: where the calling thread's `Cancellation` is requested; then the rows are painted in part.
    /// - Precondition: `frame` has the network's size; prior, certainty and painting have its width and a multiple of its height.
    public func run(
        part: Int, _ frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0,
        beside others: [PictureStatistics] = [], into painting: inout Image
    ) throws(Cancelled) {
        let count = painting.height / height
        precondition(
            painting.width == width && painting.height == count * height && painting.channels == 3
                && (0..<count).contains(part), "the painting does not hold pictures of the network's size")
        try painting.samples.withUnsafeMutableBufferPointer { (samples) throws(Cancelled) in
            try run(
                part: part, of: count, frame, prior: prior, certainty: certainty, coherence: coherence,
                beside: others, into: samples)
        }
    }

    private func run(
        part: Int, of count: Int, _ frame: Image, prior: Image?, certainty: Plane<Float>?, coherence: Float,
        beside others: [PictureStatistics], into painting: UnsafeMutableBufferPointer<Float>
    ) throws(Cancelled) {
        var met = PictureStatistics()
        try withPlanes(frame: frame, prior: prior, certainty: certainty, part: part, of: count) {
            (planes, prior, certainty) throws(Cancelled) in
            for (index, step) in plan.steps.enumerated() {
                var source = step.source
                if step.readsInput { source.planes = planes }
                run(step, &source, beside: others, met: &met)
                observer?(index)
                try Cancellation.check()
            }
            var last = plan.picture
            last.prior = prior
            last.certainty = certainty
            last.coherence = coherence
            last.picture = painting.baseAddress.map { $0 + part * frame.pixelCount }
            last.plane = count * frame.pixelCount
            blocked_finish_picture(&last, Int32(threads))
        }
        try Cancellation.check()
        statistics = met
    }

    /// Calls `body` with the planes of the network's input, and prior and certainty where there are both: those of `part` among
    /// `count` that lie one below the other.
    func withPlanes(
        frame: Image, prior: Image?, certainty: Plane<Float>?, part: Int = 0, of count: Int = 1,
        _ body: (
            _ planes: UnsafePointer<UnsafePointer<Float>?>?, _ prior: UnsafePointer<Float>?,
            _ certainty: UnsafePointer<Float>?
        ) throws(Cancelled) -> Void
    ) throws(Cancelled) {
        precondition(
            frame.width == width && frame.height == height && frame.channels == 3,
            "the frame has another size than the network")
        let (pixels, first) = (frame.pixelCount, part * frame.pixelCount)
        func planes(_ samples: UnsafeBufferPointer<Float>, from first: Int, apart: Int) -> [UnsafePointer<Float>?] {
            (0..<3).map { plane in samples.baseAddress.map { $0 + plane * apart + first } }
        }
        try frame.samples.withUnsafeBufferPointer { (frame) throws(Cancelled) in
            let frame = planes(frame, from: 0, apart: pixels)
            guard takesPrior, let prior, let certainty else {
                try empty.withUnsafeBufferPointer { (empty) throws(Cancelled) in
                    let rest = takesPrior ? Array(repeating: empty.baseAddress, count: 4) : []
                    try (frame + rest).withUnsafeBufferPointer { (inputs) throws(Cancelled) in
                        try body(inputs.baseAddress, nil, nil)
                    }
                }
                return
            }
            precondition(
                prior.samples.count == 3 * count * pixels && certainty.values.count == count * pixels,
                "the prior has another size than the network")
            try prior.samples.withUnsafeBufferPointer { (prior) throws(Cancelled) in
                try certainty.values.withUnsafeBufferPointer { (certainty) throws(Cancelled) in
                    let certainty = certainty.baseAddress.map { $0 + first }
                    let prior = planes(prior, from: first, apart: count * pixels)
                    try (frame + prior + [certainty]).withUnsafeBufferPointer { (inputs) throws(Cancelled) in
                        try body(inputs.baseAddress, prior[0], certainty)
                    }
                }
            }
        }
    }

    private func run(
        _ step: Step, _ source: inout blocked_source, beside others: [PictureStatistics], met: inout PictureStatistics
    ) {
        switch step.work {
        case .copy:
            blocked_materialize(&source, step.target.values, Int32(threads))
        case .convolution(var kernel, let weights, let norm):
            var target = step.target
            blocked_convolve(&kernel, &source, &target, weights, scratch.threads, Int32(threads))
            guard let norm else { return }
            let own = ChannelMoments(of: target, chunks: norm.chunks)
            let layer = met.layers.count
            met.layers.append(own)
            let moments = ChannelMoments(pooling: [own] + others.compactMap { $0.moments(of: layer, like: own) })
            moments.normalize(norm.gamma, norm.beta, scale: norm.scale, shift: norm.shift)
        }
    }
}
