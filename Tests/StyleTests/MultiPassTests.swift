import Flow
import Imaging
import NeuralNet
import Style
import TestSupport
import Testing

@Suite struct MultiPassTests {
    private static let frameCount = 3
    private let settings = OptimizationCase.settings { settings in
        settings.passes = 4
        settings.temporalFromPass = 3
    }

    /// A shot whose content moves one pixel to the left per frame, and its stored results.
    private final class Shot: ShotStore {
        struct Cut: Error {}

        let inner: MemoryShotStore
        /// Number of results that can be stored before a simulated power failure.
        var left = Int.max
        var kept: [(pass: Int, frame: Int)] = []

        init() {
            func motion(_ u: Float) -> NeighborMotion {
                var flow = OptimizationCase.still()
                flow.u = flow.u.map { _ in u }
                return NeighborMotion(flow: flow, certainty: OptimizationCase.plane { x, _ in 1..<23 ~= x ? 1 : 0 })
            }
            let wide = OptimizationCase.image(seed: 21, width: 30, height: OptimizationCase.height)
            let frames = (0..<MultiPassTests.frameCount).map { shift in
                Image(
                    width: OptimizationCase.width, height: OptimizationCase.height,
                    samples: (0..<3 * OptimizationCase.width * OptimizationCase.height).map { index in
                        let (row, x) = index.quotientAndRemainder(dividingBy: OptimizationCase.width)
                        return wide.samples[row * 30 + x + shift]
                    })
            }
            inner = MemoryShotStore(
                frames: frames, motions: frames.map { _ in [.earlier: motion(1), .later: motion(-1)] })
        }

        var frameCount: Int { inner.frameCount }
        func frame(_ index: Int) throws -> Image { inner.frame(index) }
        func motion(of index: Int, to neighbor: Neighbor) throws -> NeighborMotion {
            try inner.motion(of: index, to: neighbor)
        }
        func passesDone(of index: Int) throws -> Int { inner.passesDone(of: index) }
        func result(of index: Int, pass: Int) throws -> Image { try inner.result(of: index, pass: pass) }
        func setResult(_ image: Image, of index: Int, pass: Int) throws {
            guard left > 0 else { throw Cut() }
            left -= 1
            kept.append((pass, index))
            inner.setResult(image, of: index, pass: pass)
        }
        func results(pass: Int) throws -> [Image] { try (0..<frameCount).map { try result(of: $0, pass: pass) } }
    }

    private func makeOptimizer(_ settings: OptimizationSettings? = nil) throws -> MultiPassOptimizer {
        try MultiPassOptimizer(
            settings: settings ?? self.settings, network: OptimizationCase.network.get(), styles: OptimizationCase.style
        )
    }

    @Test func passesGoForwardAndBackwardInTurn() {
        let steps = Array(MultiPassSchedule(frames: 3, passes: 3))
        func step(_ pass: Int, _ frame: Int, _ neighbor: Neighbor?) -> MultiPassSchedule.Step {
            MultiPassSchedule.Step(pass: pass, frame: frame, neighbor: neighbor)
        }
        #expect(
            steps == [
                step(1, 0, nil), step(1, 1, nil), step(1, 2, nil),
                step(2, 0, nil), step(2, 1, .earlier), step(2, 2, .earlier),
                step(3, 2, nil), step(3, 1, .later), step(3, 0, .later),
            ])
        #expect(Array(MultiPassSchedule(frames: 1, passes: 2)) == [step(1, 0, nil), step(2, 0, nil)])
        #expect(Array(MultiPassSchedule(frames: 0, passes: 2)).isEmpty)
    }

    @Test func stepsRunInTheOrderOfTheSchedule() throws {
        let shot = Shot()
        try makeOptimizer().run(shot)
        let steps = Array(MultiPassSchedule(frames: 3, passes: 4))
        #expect(shot.kept.map(\.pass) == steps.map(\.pass) && shot.kept.map(\.frame) == steps.map(\.frame))
    }

    /// Equations 13 and 14, written out.
    @Test func theBlendIsThatOfThePaper() {
        let own = OptimizationCase.image(seed: 31)
        let other = OptimizationCase.image(seed: 32)
        let certainty = OptimizationCase.plane { x, y in Float((x + y) % 3) / 2 }
        for share: Float in [0, 0.3, 1] {
            let blend = own.blended(
                with: TemporalTarget(image: other, certainty: certainty), share: share, threads: 0)
            for index in own.samples.indices {
                let c = certainty.values[index % own.pixelCount]
                let expected = share * c * other.samples[index] + ((1 - share) + share * (1 - c)) * own.samples[index]
                #expect(abs(blend.samples[index] - expected) < 1e-3)
            }
        }
    }

    /// One iteration of Adam changes a value by at most one grey level, so a pass's result reveals its start.
    @Test func framesBeginWithTheBlendOfTheirNeighbours() throws {
        let settings = OptimizationCase.settings {
            ($0.passes, $0.passIterations, $0.method, $0.temporalWeight) = (3, 1, .adam, 0)
        }
        let shot = Shot()
        var before: [Image] = []
        for pass in 1...3 {
            let optimizer = try makeOptimizer(with(settings) { $0.passes = pass })
            try optimizer.run(shot)
            let after = try shot.results(pass: pass)
            if pass > 1 {
                let forward = pass == 2
                for frame in 0..<3 {
                    var start = before[frame]
                    let neighbor = forward ? frame - 1 : frame + 1
                    if (0..<3).contains(neighbor) {
                        let motion = try shot.motion(of: frame, to: forward ? .earlier : .later)
                        start = start.blended(
                            with: TemporalTarget(
                                warping: after[neighbor], by: motion.flow, certainty: motion.certainty, threads: 0),
                            share: 0.5, threads: 0)
                    }
                    #expect(largestDifference(start.samples, after[frame].samples) <= 1.001)
                }
                #expect(after[1].distance(from: before[1]) > 2, "the neighbours have something to say")
            }
            before = after
        }
    }

    @Test func theTemporalLossBeginsInItsPass() throws {
        let optimizer = try makeOptimizer()
        var seen: [OptimizationProgress] = []
        optimizer.onProgress = {
            seen.append($0)
            return true
        }
        try optimizer.run(Shot(), firstFrame: 40)
        #expect(seen.count == 4 * 3 * 3)
        for progress in seen {
            #expect(41...43 ~= progress.frame && progress.passes == 4 && progress.iterations == 3)
            let isLeading = progress.frame == (MultiPassSchedule.isForward(progress.pass) ? 41 : 43)
            #expect((progress.temporal > 0) == (progress.pass >= 3 && !isLeading))
        }
    }

    @Test func aResumedRunGivesTheSameBytes() throws {
        let whole = Shot()
        try makeOptimizer().run(whole)
        let expected = try whole.results(pass: 4)
        for count in 0..<12 {
            let shot = Shot()
            shot.left = count
            #expect(throws: Shot.Cut.self) { try makeOptimizer().run(shot) }
            shot.left = .max
            try makeOptimizer().run(shot)
            #expect(try shot.results(pass: 4) == expected, "cut after \(count) steps")
        }
        let cancelled = Shot()
        let optimizer = try makeOptimizer()
        optimizer.onProgress = { !($0.pass == 3 && $0.frame == 2 && $0.iteration == 2) }
        #expect(throws: OptimizationCancelled()) { try optimizer.run(cancelled) }
        optimizer.onProgress = nil
        try optimizer.run(cancelled)
        #expect(try cancelled.results(pass: 4) == expected)
    }

    @Test func seedsDecideAndThreadsDoNot() throws {
        func results(_ change: (inout OptimizationSettings) -> Void) throws -> [Image] {
            let shot = Shot()
            try makeOptimizer(with(settings, change)).run(shot)
            return try shot.results(pass: 4)
        }
        let one = try results { $0.threads = 1 }
        #expect(try results { $0.threads = 2 } == one)
        #expect(try results { $0.seed = 5 } != one)
    }

    private func with(
        _ settings: OptimizationSettings, _ change: (inout OptimizationSettings) -> Void
    ) -> OptimizationSettings {
        var settings = settings
        change(&settings)
        return settings
    }
}
