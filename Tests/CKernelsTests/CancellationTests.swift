import CKernels
import Imaging
import Synchronization
import Testing

@Suite struct CancellationTests {
    @Test func noIndexStartsAfterCancellation() {
        let cancellation = Cancellation()
        var begun: [Int] = []
        cancellation.follow {
            parallel(100, threads: 1) { index in
                if index == 5 { cancellation.request() }
                begun.append(index)
            }
            parallel(100, threads: 1) { begun.append($0) }
            #expect(Cancellation.isRequested)
            #expect(throws: Cancelled.self) { try Cancellation.check() }
        }
        #expect(begun == [0, 1, 2, 3, 4, 5])
        #expect(!Cancellation.isRequested && !Cancellation.process.isRequested)
    }

    /// Pool threads use the caller's cancellation token, also in nested loops. Each may be running one index.
    @Test func allThreadsUseTheCallersCancellation() {
        let cancellation = Cancellation()
        let begun = Atomic(0)
        cancellation.follow {
            parallel(1000, threads: 4) { _ in
                parallel(1000, threads: 4) { _ in
                    if begun.add(1, ordering: .relaxed).newValue == 10 { cancellation.request() }
                }
            }
        }
        #expect(begun.load(ordering: .relaxed) < 10 + 255)
        let others = Atomic(0)
        parallel(1000, threads: 4) { _ in others.add(1, ordering: .relaxed) }
        #expect(others.load(ordering: .relaxed) == 1000)
    }

    @Test func cancellationScopeEnds() throws {
        let (outer, inner) = (Cancellation(), Cancellation())
        outer.request()
        outer.follow {
            #expect(Cancellation.isRequested)
            // Work that must be done in spite of the cancellation.
            inner.follow {
                var count = 0
                parallel(10, threads: 1) { _ in count += 1 }
                #expect(count == 10)
            }
            #expect(Cancellation.isRequested)
        }
        struct Failure: Error {}
        #expect(throws: Failure.self) { try outer.follow { throw Failure() } }
        #expect(!Cancellation.isRequested)
    }

    @Test(arguments: [1, 4]) func cancelledValuesAreComputedLater(threads: Int) {
        let cancellation = Cancellation()
        let texts = cancellation.follow {
            parallelMap(20, threads: threads) { index in
                if index == 3 { cancellation.request() }
                return "\(index)"
            }
        }
        #expect(texts == (0..<20).map(String.init))
        let others = cancellation.follow { parallelMap(3, missing: { -$0 }, { $0 }) }
        #expect(others == [0, -1, -2])
    }
}
