import Flow
import Imaging
import NeuralNet
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
    @Test func lossesFall() throws {
        var sample = TrainingCase()
        sample.settings.length = .steps(60)
        sample.settings.learningRate = 0.03
        let trainer = try sample.trainer()
        var seen: [TrainingProgress] = []
        let isFinished = try trainer.run { progress in
            seen.append(progress)
            return true
        }
        #expect(isFinished && seen.map(\.step) == Array(1...60) && trainer.history.count == 60)
        func mean(_ steps: Range<Int>) -> Double { seen[steps].reduce(0) { $0 + $1.total } / Double(steps.count) }
        #expect(mean(50..<60) < 0.7 * mean(0..<10), "from \(mean(0..<10)) to \(mean(50..<60))")
        let alone = seen.filter { $0.frames == 0 }
        let recursive = seen.filter { $0.frames == 2 }
        #expect(!alone.isEmpty && alone.allSatisfy { $0.losses.pixel == 0 })
        #expect(!recursive.isEmpty && recursive.allSatisfy { $0.losses.pixel > 0 })
        #expect(seen[59].learningRate < 0.2 * seen[0].learningRate)
        #expect(seen[59].secondsLeft == 0 && seen[30].secondsLeft ?? 0 > 0)
    }

    @Test func aModelSaysHowItWasMadeAndPlays() throws {
        let trainer = try TrainingCase().trainer()
        try trainer.run()
        let model = try Model(bytes: trainer.encodedModel(style: "Drift", license: "CC0"))
        #expect(model.description.style == "Drift" && model.description.license == "CC0")
        #expect(model.description.isGated && model.description.padding == .replicate)
        let making = try #require(model.description.training)
        #expect(making.contains("\"arch\":\"c3s1-4,d8,R8,U2,c3s1-4\"") && making.contains("\"steps\":6"))
        #expect(making.contains("drifting texture") && making.contains("\"style-weight\":6"))
        let network = try Network(model: model, width: 24, height: 20)
        let image = try network.run(frame: Image(width: 24, height: 20, repeating: 20))
        #expect(image.samples.allSatisfy { $0.isFinite })
    }

    @Test func aSeedGivesOneModelOnAnyNumberOfThreads() throws {
        var sample = TrainingCase()
        sample.settings.threads = 1
        let first = try sample.trained()
        sample.settings.threads = 3
        #expect(try sample.trained() == first)
        sample.settings.seed = 1
        #expect(try sample.trained() != first)
    }

    /// An interrupted step has no effect.
    @Test func aCancelledTrainingKeepsItsLastCompleteStep() throws {
        var sample = TrainingCase()
        sample.validation = Validation(photographs: [TrainingCase.painting], interval: 2)
        let whole = try sample.trained()
        let cancellation = Cancellation()
        let cancelled = try sample.trainer()
        cancellation.follow {
            #expect(throws: Cancelled.self) {
                try cancelled.run { progress in
                    if progress.step == 3 { cancellation.request() }
                    return true
                }
            }
        }
        #expect(cancelled.step == 3)
        let resumed = try sample.trainer(from: cancelled.checkpoint())
        try resumed.run()
        #expect(try resumed.encodedModel() == whole)
    }

    /// A cancellation at any step: the saved state leads to the same bytes.
    @Test(arguments: 0..<6) func aCancelledStepLeavesNoTrace(step: Int) throws {
        struct Cancelling: SequenceSource {
            let step: Int
            let cancellation: Cancellation

            func batch(step: Int, count: Int, frames: Int, size: Int) -> [TrainingSequence] {
                // Made in advance on another thread, while an earlier step is computed.
                if step == self.step { cancellation.request() }
                return DriftingTexture().batch(step: step, count: count, frames: frames, size: size)
            }
        }
        var sample = TrainingCase()
        let whole = try sample.trained()
        let cancellation = Cancellation()
        sample.source = Cancelling(step: step, cancellation: cancellation)
        let cancelled = try sample.trainer()
        cancellation.follow {
            #expect(throws: Cancelled.self) { try cancelled.run() }
        }
        #expect(cancelled.step <= step)
        sample.source = DriftingTexture()
        let resumed = try sample.trainer(from: cancelled.checkpoint())
        try resumed.run()
        #expect(try resumed.encodedModel() == whole)
    }

    /// Settings and batches that need more memory than the machine has.
    @Test func tooMuchMemoryIsRefusedInAdvance() throws {
        var sample = TrainingCase()
        sample.settings.architecture = "c3s1-512,R512,R512,R512,c3s1-4"
        sample.settings.cropSize = 1024
        sample.settings.batchSize = 64
        let error = #expect(throws: ModelError.self) { try sample.trainer() }
        #expect(error?.description.hasPrefix("training with 64 pictures of 1024x1024 a step needs ") == true)
        #expect(error?.description.contains("take a smaller crop, a smaller batch or another architecture") == true)
    }

    @Test func anInterruptedTrainingGivesTheSameBytes() throws {
        var sample = TrainingCase()
        sample.validation = Validation(photographs: [TrainingCase.painting], interval: 2)
        let whole = try sample.trained()
        let interrupted = try sample.trainer()
        let isFinished = try interrupted.run { $0.step < 3 }
        #expect(!isFinished)
        let folder = try TemporaryFolder()
        let path = folder.path("checkpoint")
        try interrupted.checkpoint().write(to: path)
        let resumed = try sample.trainer(from: Checkpoint(contentsOf: path))
        #expect(resumed.step == 3 && resumed.history == interrupted.history)
        #expect(try resumed.run())
        #expect(try resumed.encodedModel() == whole)
        #expect(resumed.validations.map(\.step) == [2, 4, 6])
    }

    @Test func timeLimitsATraining() throws {
        var sample = TrainingCase()
        sample.settings.length = .seconds(0.5)
        sample.settings.fill = .noise
        let trainer = try sample.trainer()
        var rates: [Double] = []
        let isFinished = try trainer.run { progress in
            rates.append(progress.learningRate)
            #expect(progress.steps >= progress.step)
            return true
        }
        #expect(isFinished)
        #expect(trainer.seconds > 0.2 && trainer.seconds < 5)
        #expect(rates.first == sample.settings.learningRate)
    }

    @Test(arguments: [true, false]) func imageAndUngatedNetworks(isImage: Bool) throws {
        var sample = TrainingCase()
        sample.settings.kind = isImage ? .image : .video
        sample.settings.priorDropout = 0.5
        sample.settings.gate = .none
        sample.settings.architecture = "c3s1-4,d8,R8,U2,c3s1-3"
        let model = try Model(bytes: sample.trained())
        #expect(model.description.kind == (isImage ? .image : .video) && !model.description.isGated)
        let trainer = try sample.trainer()
        try trainer.run()
        let isAlone = trainer.history.allSatisfy { $0.frames == 0 && $0.losses.pixel == 0 }
        #expect(isAlone == isImage)
    }

    @Test func aDilatedNetworkTrains() throws {
        var sample = TrainingCase()
        sample.settings.isDilated = true
        sample.settings.length = .steps(2)
        let model = try Model(bytes: sample.trained())
        #expect(model.description.architecture.description == "c3s1-4,c3s1-8,R8d2,c3s1-4")
    }

    @Test func aTrainingContinuesFromAModel() throws {
        var sample = TrainingCase()
        let parent = try Model(bytes: sample.trained())
        sample.initial = parent
        sample.settings.architecture = nil
        let trainer = try sample.trainer()
        #expect(trainer.description.architecture == parent.description.architecture)
        #expect(try trainer.model().checksum == parent.checksum)
        try trainer.run()
        #expect(try trainer.model().checksum != parent.checksum)
        #expect(trainer.inputs["init-from"] == parent.checksum)
    }

    @Test func coherenceIsAddedToTheGateOfTheResult() throws {
        func image(_ model: Model, coherence: Float = 0) throws -> Image {
            let clip = DriftingTexture().batch(step: 0, count: 1, frames: 2, size: 16)[0]
            return try Network(model: model, width: 16, height: 16).run(
                frame: clip.frames[1], prior: clip.frames[0], certainty: clip.motions[0].certainty, coherence: coherence
            )
        }
        var sample = TrainingCase()
        let plain = try Model(bytes: sample.trained())
        sample.settings.coherence = 1.5
        let steadier = try Model(bytes: sample.trained())
        #expect(largestDifference(try image(steadier), try image(plain, coherence: 1.5)) < 1e-3)
        #expect(largestDifference(try image(steadier), try image(plain)) > 1)

        // Continuing from it gives the same result again.
        sample.initial = steadier
        #expect(largestDifference(try image(sample.trainer().model()), try image(steadier)) < 1e-3)
    }

    private func largestDifference(_ first: Image, _ second: Image) -> Float {
        zip(first.samples, second.samples).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test func noiseFillsPriorsIfRequested() throws {
        var sample = TrainingCase()
        sample.settings.fill = .mean
        let mean = try sample.trained()
        sample.settings.fill = .noise
        let noise = try Model(bytes: sample.trained())
        #expect(noise.description.fill == .noise)
        #expect(try noise.checksum != Model(bytes: mean).checksum)
    }

    /// A style's texture is made once, is kept by checkpoints, and shows in the painting.
    @Test func everyStyleGetsATexture() throws {
        var sample = TrainingCase()
        sample.settings.fill = .texture
        let model = try Model(bytes: sample.trained())
        let texture = try #require(model.texture)
        #expect(model.description.fill == .texture && texture.width > 1 && texture.height > 1)
        #expect(Set(texture.pixels).count > 16, "it is not plain")
        let frame = DriftingTexture().batch(step: 0, count: 1, frames: 1, size: 16)[0].frames[0]
        var plain = model
        plain.texture = StyleTexture(width: 1, height: 1, pixels: [124, 117, 104])
        let painted = try [model, plain].map { try Network(model: $0, width: 16, height: 16).run(frame: frame) }
        #expect(painted[0] != painted[1])
        let folder = try TemporaryFolder()
        try sample.trainer().checkpoint().write(to: folder.path("state"))
        #expect(try Checkpoint(contentsOf: folder.path("state")).textures == [texture])
    }

    @Test func aBatchOfTheWrongSizeIsRefused() throws {
        struct Wrong: SequenceSource {
            func batch(step: Int, count: Int, frames: Int, size: Int) -> [TrainingSequence] {
                DriftingTexture().batch(step: step, count: count, frames: frames, size: size + 1)
            }
        }
        var sample = TrainingCase()
        sample.source = Wrong()
        let trainer = try sample.trainer()
        #expect(throws: TrainingError.self) { try trainer.run() }
    }
}
