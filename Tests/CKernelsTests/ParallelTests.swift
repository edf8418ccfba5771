import CKernels
import Imaging
import Testing

@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 2, 3, 16]) func everyIndexOnce(threads: Int) {
        for count in [0, 1, 2, 7, 1000] {
            nonisolated(unsafe) let visits = UnsafeMutablePointer<Int>.allocate(capacity: count + 1)
            visits.initialize(repeating: 0, count: count + 1)
            defer { visits.deallocate() }
            parallel(count, threads: threads) { visits[$0] += 1 }
            #expect((0..<count).allSatisfy { visits[$0] == 1 })
            #expect(visits[count] == 0)
        }
    }

    @Test func nestedLoopsAndSeveralCallersEnd() async {
        let sums = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    nonisolated(unsafe) let sums = UnsafeMutablePointer<Int>.allocate(capacity: 64)
                    sums.initialize(repeating: 0, count: 64)
                    defer { sums.deallocate() }
                    for _ in 0..<50 {
                        parallel(8, threads: 3) { outer in
                            parallel(8, threads: 2) { inner in sums[outer * 8 + inner] += 1 }
                        }
                    }
                    return (0..<64).reduce(0) { $0 + sums[$1] }
                }
            }
            return await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(sums == [3200, 3200, 3200, 3200])
    }

    @Test func chunksCoverALengthInOrder() {
        for (count, length) in [(1, 5), (3, 7), (8, 3), (4, 0)] {
            let ranges = (0..<count).map { chunk($0, of: count, in: length) }
            #expect(ranges.flatMap { Array($0) } == Array(0..<length))
        }
    }
}
