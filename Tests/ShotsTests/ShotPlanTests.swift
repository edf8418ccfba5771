import Shots
import Testing

/// Shots grouped into tasks.
@Suite struct ShotPlanTests {
    @Test(
        arguments: [
            ([50, 30, 20, 10, 10], 2, [[1, 4], [2, 3, 5]]),
            ([1, 9, 5], 3, [[2], [3], [1]]),
            // More tasks than shots.
            ([1, 9, 5], 7, [[2], [3], [1]]),
            ([1, 9, 5], 1, [[1, 2, 3]]),
            // As many as there are of the same length stay in their order.
            ([4, 4, 4], 3, [[1], [2], [3]]),
            ([4, 4, 4, 4], 2, [[1, 3], [2, 4]]),
            ([7], nil, [[1]]), ([7], 100_000, [[1]]),
            ([], nil, []), ([], 5, []), ([1, 2], 0, []),
        ] as [([Int], Int?, [[Int]])])
    func tasks(lengths: [Int], wanted: Int?, expected: [[Int]]) {
        #expect(ShotPlan(Films.shots(lengths), tasks: wanted).tasks == expected)
    }

    /// Frames of the preroll are painted, too.
    @Test func prerollIsWork() {
        var shots = Films.shots([10, 8, 6])
        shots[2].preroll = 6
        #expect(ShotPlan(shots, tasks: 2).tasks == [[1, 2], [3]])
    }

    @Test(arguments: [nil, 1, 2, 3, 16, 500] as [Int?], [0, 24])
    func eachShotOnceAndBalanced(tasks: Int?, preroll: Int) {
        // Lengths as those of a film, from few frames to thousands.
        let lengths = (0..<400).map { 3 + ($0 * 7919 % 101) * ($0 % 7 == 0 ? 30 : 1) }
        let shots = Films.shots(lengths, preroll: preroll)
        let plan = ShotPlan(shots, tasks: tasks)
        #expect(plan.tasks.joined().sorted() == Array(1...400))
        #expect(plan.tasks.count == tasks.map { min($0, 400) } ?? plan.tasks.count)
        func work(_ shot: ShotList.Shot) -> Int { shot.frames + shot.preroll }
        let works = plan.tasks.map { $0.reduce(0) { $0 + work(shots[$1 - 1]) } }
        let longest = shots.map(work).max() ?? 0
        #expect(works == works.sorted(by: >))
        #expect((works.first ?? 0) - (works.last ?? 0) <= longest)
        if tasks == nil { #expect((works.first ?? 0) <= 20 * (works.last ?? 0)) }
    }

    /// The usual plan has no more tasks than Slurm takes, however many shots there are.
    @Test(arguments: [(10, 10), (999, 999), (5000, ShotPlan.mostTasks)])
    func usualNumberOfTasks(shots: Int, tasks: Int) {
        #expect(ShotPlan(Films.shots(Array(repeating: 100, count: shots))).tasks.count == tasks)
    }

    /// Numbers of a list that is edited badly: their sum is no `Int`.
    @Test func hugeNumbers() {
        let shots = [1, 2].map { ShotList.Shot(shot: $0, first: 0, frames: .max, start: 0, end: 1, preroll: .max) }
        #expect(ShotPlan(shots, tasks: 2).tasks == [[1], [2]])
        #expect(ShotPlan(shots).tasks.joined().sorted() == [1, 2])
    }
}
