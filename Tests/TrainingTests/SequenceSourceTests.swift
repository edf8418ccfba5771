import Dispatch
import Flow
import Imaging
import Synchronization
import TestSupport
import Testing
import Training

@Suite struct SequenceMixTests {
    @Test func aMixIsReadAsItIsWritten() throws {
        let mix = try SequenceMix(parsing: "shift:1,zoom:0.5,noise:0.3,jitter:0.15")
        #expect(mix.shift == 1 && mix.zoom == 0.5 && mix.noise == 0.3 && mix.jitter == 0.15)
        #expect(mix.still == 0 && mix.video == 0 && mix.blocks == 0)
        for mix in [mix, SequenceMix()] { #expect(try SequenceMix(parsing: mix.description) == mix) }
    }

    @Test(arguments: [
        ("", "not understood"), ("shift", "not understood"), ("shift:1,", "not understood"), ("pan:1", "\"pan:1\""),
        ("shift:1,shift:2", "twice"), ("shift:-1", "number"), ("shift:nan", "number"), ("shift:x", "number"),
        ("shift:1,noise:2", "0...1"), ("noise:1", "no motion"), ("shift:0", "no motion"),
        ("shift:1:2", "not understood"),
    ])
    func invalidMixesAreRefused(text: String, hint: String) {
        do {
            _ = try SequenceMix(parsing: text)
            Issue.record("\"\(text)\" was read")
        } catch {
            #expect(error.description.contains(hint), "\(error)")
        }
    }
}

/// Sequences whose pixels encode the request.
private struct Labels: SequenceSource {
    let name: Float
    /// Called for each batch that is made.
    var onBatch: @Sendable (Int) throws -> Void = { _ in }

    func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        try onBatch(step)
        return (0..<count).map { index in
            let labels = [name, Float(step), Float(index)]
            return TrainingSequence(
                frames: (0..<frames).map { _ in Image(width: 1, height: 1, samples: labels) },
                motions: (1..<frames).map { _ in
                    Motion(
                        flow: FlowField(width: 1, height: 1), certainty: Plane(width: 1, height: 1, repeating: 1))
                })
        }
    }
}

@Suite struct MixedSourceTests {
    @Test func samplesComeByWeight() throws {
        let source = MixedSource([(Labels(name: 1), 3), (Labels(name: 2), 1), (Labels(name: 3), 0)], seed: 4)
        var counts: [Float: Int] = [:]
        for step in 0..<100 {
            let batch = try source.batch(step: step, count: 8, frames: 2, size: 1)
            #expect(batch.count == 8)
            for sequence in batch { counts[sequence.frames[0].samples[0], default: 0] += 1 }
            let again = try source.batch(step: step, count: 8, frames: 2, size: 1)
            #expect(zip(batch, again).allSatisfy { $0.isSame(as: $1) })
        }
        #expect(counts[3] == nil && (130...270).contains(counts[2] ?? 0) && (counts[1] ?? 0) + (counts[2] ?? 0) == 800)
    }
}

@Suite struct PrefetcherTests {
    private struct Failure: Error, Equatable {
        let step: Int
    }

    @Test func batchesAreTheSameAndMadeAhead() throws {
        let made = Mutex<[Int]>([])
        let source = Labels(name: 1) { step in made.withLock { $0.append(step) } }
        let prefetcher = Prefetcher(source, depth: 2) {
            $0 < 40 ? Prefetcher.Request(step: $0, count: 3, frames: 1 + $0 % 3, size: 1) : nil
        }
        for step in 0..<40 {
            let batch = try prefetcher.batch(step: step, count: 3, frames: 1 + step % 3, size: 1)
            let expected = try Labels(name: 1).batch(step: step, count: 3, frames: 1 + step % 3, size: 1)
            #expect(batch.count == 3 && zip(batch, expected).allSatisfy { $0.isSame(as: $1) })
        }
        // Each once; in order, since a single thread makes them.
        #expect(made.withLock { $0.sorted() } == Array(0..<40))
    }

    @Test func theNextBatchIsMadeInAdvance() throws {
        let made = Mutex<[Int]>([])
        let isMade = DispatchSemaphore(value: 0)
        let source = Labels(name: 1) { step in
            made.withLock { $0.append(step) }
            isMade.signal()
        }
        let prefetcher = Prefetcher(source, depth: 2) { Prefetcher.Request(step: $0, count: 1, frames: 1, size: 1) }
        _ = try prefetcher.batch(step: 0, count: 1, frames: 1, size: 1)
        for _ in 0..<3 { isMade.wait() }
        #expect(made.withLock { $0 } == [0, 1, 2])
    }

    @Test func batchesOfAnotherPlanAreMadeAgain() throws {
        let prefetcher = Prefetcher(Labels(name: 1)) { Prefetcher.Request(step: $0, count: 1, frames: 1, size: 1) }
        for step in [0, 1, 2, 7, 8, 3, 4] {
            let batch = try prefetcher.batch(step: step, count: 2, frames: 4, size: 1)
            #expect(
                batch.count == 2 && batch[0].frames.count == 4 && batch[1].frames[0].samples == [1, Float(step), 1])
        }
    }

    @Test func errorsComeWhereTheyBelong() throws {
        let source = Labels(name: 1) { step in if step == 3 { throw Failure(step: step) } }
        let prefetcher = Prefetcher(source) { Prefetcher.Request(step: $0, count: 1, frames: 1, size: 1) }
        for step in 0..<6 {
            if step == 3 {
                #expect(throws: Failure(step: 3)) { try prefetcher.batch(step: 3, count: 1, frames: 1, size: 1) }
            } else {
                #expect(try prefetcher.batch(step: step, count: 1, frames: 1, size: 1).count == 1)
            }
        }
    }

    @Test func itMayEndAtAnyTime() throws {
        for steps in 0..<20 {
            let prefetcher = Prefetcher(Labels(name: 1), depth: 3) {
                Prefetcher.Request(step: $0, count: 1, frames: 1, size: 1)
            }
            for step in 0..<steps { _ = try prefetcher.batch(step: step, count: 1, frames: 1, size: 1) }
        }
    }
}
