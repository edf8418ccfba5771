import Support

/// A random pipeline description, from plausible chains of elements.
struct PipelineChain {
    let text: String
    /// Names of the elements whose properties may change.
    let names: [String]
    let isSphere: Bool
    /// Whether frames may be kept for ever, for example behind a valve.
    private(set) var mayStandStill = false

    /// `styleoptimize` with few iterations.
    private static func optimizer(_ random: inout FuzzRandom) -> String {
        let folder = PipelineFiles.placeholder
        let layers = ["relu1_1", "relu2_1", "relu1_2,relu3_1", "relu9_1", ""]
        return """
            styleoptimize style-images=\(folder)/painting.ppm loss-network=\(folder)/vgg16.safetensors \
            content-layers=\(layers[random.below(3)]) style-layers=\(layers[random.below(random.chance(4) ? 5 : 3)]) \
            iterations=\(1 + random.below(3)),\(1 + random.below(2)) passes=\(1 + random.below(3)) pass-iterations=\(1 + random.below(2)) \
            init=\(["random", "content", "network,previous-warped", "previous"][random.below(4)]) model=tiny
            """
    }

    private static func sphere(_ random: inout FuzzRandom) -> [String] {
        var elements = ["cubemapsplit overlap=\(random.below(6)) face-size=\(random.below(16))"]
        if random.chance(2) { elements += ["opticalflow", "occlusioncheck", "flowwarp"] }
        elements.append("spherestylize model=tiny")
        if random.chance(2) { elements.append("cubemapjoin") }
        return elements
    }

    private static func flat(_ random: inout FuzzRandom) -> [String] {
        let chain = ["opticalflow", "occlusioncheck", "flowwarp", "stylize model=tiny"]
        switch random.below(8) {
        case 0: return ["coherentstylize model=tiny"]
        case 1: return ["stylize model=tiny"]
        case 2: return ["opticalflow", "occlusioncheck", "flowdraw", "temporalmeter"]
        case 3: return ["flowdraw", "occlusioncheck", "flowwarp", "temporalmeter"]
        case 4: return (random.chance(2) ? ["opticalflow", "occlusioncheck"] : []) + [optimizer(&random)]
        case 5: return ["opticalflow", "occlusioncheck", "flowwarp source=input", "flowdraw"]
        // Two chains in sequence.
        case 6: return chain + chain
        default: return chain + (random.chance(2) ? ["temporalmeter"] : [])
        }
    }

    init(_ random: inout FuzzRandom) {
        var count = 0
        var names: [String] = []
        func named(_ element: String) -> String {
            count += 1
            names.append("e\(count)")
            return "\(element) name=e\(count)"
        }
        isSphere = random.chance(5)
        var elements = (isSphere ? Self.sphere(&random) : Self.flat(&random)).map(named)
        elements.insert("identity name=place", at: random.below(elements.count + 1))
        var pieces: [String] = []
        for element in elements {
            switch random.below(12) {
            case 0, 1, 2: pieces.append("queue max-size-buffers=\(1 + random.below(4))")
            case 3: pieces.append("queue leaky=downstream max-size-buffers=1")
            case 4: pieces.append("queue leaky=upstream max-size-buffers=1")
            case 5: pieces.append("identity drop-probability=0.3")
            case 6: pieces.append("queue2")
            default: break
            }
            pieces.append(element)
        }
        var tail = "! fakesink name=out sync=false async=\(random.chance(2))"
        if random.chance(4) {
            tail = "! tee name=t t. ! queue \(tail) t. ! queue ! "
            switch random.below(3) {
            case 0: tail += "\(named(isSphere ? "flowdraw" : "stylize model=tiny")) ! fakesink sync=false async=false"
            case 1: tail += "valve drop=true ! fakesink sync=false async=false"
            // The sample is never pulled: with wait-on-eos the appsink would block state changes.
            default: tail += "appsink sync=false async=false max-buffers=3 drop=true wait-on-eos=false"
            }
            mayStandStill = true
        }
        text = "appsrc name=in format=time ! \(pieces.joined(separator: " ! ")) \(tail)"
        self.names = names
    }
}

/// The random number generator of a case.
struct FuzzRandom {
    private var numbers: SplitMix

    init(seed: UInt64) { numbers = SplitMix(seed: seed) }

    mutating func next() -> UInt64 { numbers.next() }
    /// A number from 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(numbers.next() % UInt64(limit)) : 0 }
    /// True with probability 1 / `times`.
    mutating func chance(_ times: Int) -> Bool { below(times) == 0 }

    /// A size that may be malicious.
    mutating func size() -> Int {
        let sizes = [0, 1, 2, 3, 7, 16, -1, -64, 1 << 16, 1 << 20, 1 << 30, Int(Int32.max), Int(Int32.min)]
        return sizes[below(sizes.count)]
    }
}
