import Shots
import Testing

/// Shots made of cuts, cut into pieces, and what is found wrong with them.
@Suite struct ShotListTests {
    @Test(
        arguments: [
            (6, [], [0]), (6, [2, 5], [0, 2, 5]), (6, [0], [0]), (6, [5, 1], [0, 1, 5]), (3, [1, 2], [0, 1, 2]),
            // The first frame begins a shot anyway; the others lie outside of the film.
            (6, [0, 3, 6, 7, -1], [0, 3]), (1, [], [0]), (1, [0, 1], [0]), (0, [], []), (0, [0], []),
        ] as [(Int, Set<Int>, [Int])])
    func cutsBecomeShots(frames: Int, cuts: Set<Int>, firsts: [Int]) {
        let list = ShotList(
            film: Films.film(frames), detector: Films.detector, times: Films.times(frames), cuts: cuts)
        #expect(list.shots.map(\.first) == firsts)
        #expect(list.shots.map(\.shot) == Array(firsts.indices).map { $0 + 1 })
        #expect(list.shots.reduce(0) { $0 + $1.frames } == frames)
        #expect(list.shots.map(\.start) == firsts.map(Double.init))
        #expect(list.shots.map(\.end) == firsts.dropFirst().map(Double.init) + (frames > 0 ? [Double(frames)] : []))
        #expect(list.problem == (frames > 0 ? nil : "has no shots"))
    }

    /// Frames of different lengths, as in a film of a varying rate.
    @Test func timesAreThoseOfTheFrames() {
        let times: [(time: Int64, duration: Int64)] = [(500, 33), (533, 67), (600, 400), (1000, 41)]
            .map { ($0.0 * 1_000_000, $0.1 * 1_000_000) }
        let list = ShotList(film: Films.film(4), detector: Films.detector, times: times, cuts: [2])
        #expect(list.shots.map(\.start) == [0.5, 0.6] && list.shots.map(\.end) == [0.6, 1.041])
        #expect(list.shots.map(\.startTime) == [500_000_000, 600_000_000])
        #expect(list.shots.map(\.endTime) == [600_000_000, 1_041_000_000])
        #expect(list.problem == nil)
    }

    /// (lengths of the shots, longest, preroll, first frames of the pieces, their prerolls)
    @Test(
        arguments: [
            ([10], 10, 3, [0], [0]), ([10], 9.5, 3, [0, 5], [0, 3]), ([10], 4, 3, [0, 3, 6], [0, 3, 3]),
            // Preroll ends at the cut.
            ([4, 6], 2, 24, [0, 2, 4, 6, 8], [0, 2, 0, 2, 4]), ([4, 6], 2, 0, [0, 2, 4, 6, 8], [0, 0, 0, 0, 0]),
            ([4, 6], 5, 2, [0, 4, 7], [0, 0, 2]),
            // A piece has a frame at least.
            ([3], 0.001, 1, [0, 1, 2], [0, 1, 1]), ([1], 0.5, 24, [0], [0]), ([], 1, 1, [], []),
        ] as [([Int], Double, Int, [Int], [Int])])
    func pieces(lengths: [Int], longest: Double, preroll: Int, firsts: [Int], prerolls: [Int]) {
        var list = Films.list(lengths)
        let frames = list.film.frames
        list.cut(longest: longest, preroll: preroll, times: Films.times(frames).map(\.time))
        #expect(list.shots.map(\.first) == firsts)
        #expect(list.shots.map(\.preroll) == prerolls)
        #expect(list.shots.map(\.frames) == zip(firsts, firsts.dropFirst() + [frames]).map { $1 - $0 })
        #expect(list.shots.allSatisfy { $0.frames == 1 || $0.end - $0.start <= longest + 1 })
        if frames > 0 { #expect(list.problem == nil) }
    }

    @Test func longestOfAnySizeIsTaken() {
        for longest in [1e-300, .leastNonzeroMagnitude, 1e300, .infinity] {
            var list = Films.list([5, 7])
            list.cut(longest: longest, preroll: 24, times: Films.times(12).map(\.time))
            #expect(list.problem == nil && list.shots.count == (longest < 1 ? 12 : 2), "\(longest)")
        }
    }

    @Test func shotsByNumber() {
        let list = Films.list([2, 3])
        #expect(list.shot(2)?.first == 2)
        for number in [0, 3, -1, .max] { #expect(list.shot(number) == nil) }
    }

    @Test(arguments: [
        Edit<ShotList>(nil) { _ in },
        Edit("has no shots") { $0.shots = [] },
        // Two shots made one.
        Edit(nil) { list in
            list.shots[0].frames += list.shots.remove(at: 1).frames
            list.shots[0].end = list.shots[1].start
            list.shots[1].shot = 2
        },
        Edit("shot 3 is at place 2; number them 1, 2, 3") { $0.shots.remove(at: 1) },
        Edit("shot 2 is at place 1") { $0.shots.swapAt(0, 1) },
        Edit("shot 1 is at place 2") { $0.shots[1].shot = 1 },
        Edit("frames 2 to 4, before shot 2, belong to no shot") { list in
            list.shots.remove(at: 1)
            list.shots[1].shot = 2
        },
        Edit("frames 0 to 0, before shot 1, belong to no shot") { $0.shots[0].first = 1 },
        Edit("shot 2 begins at frame 1, within shot 1") { $0.shots[1].first = 1 },
        Edit("shot 1 begins at frame -1, within shot 0") { $0.shots[0].first = -1 },
        Edit("shot 3 begins at frame 5, within shot 2") { $0.shots[1].frames = 4 },
        Edit("shot 2 has no frames") { $0.shots[1].frames = 0 },
        Edit("shot 2 has no frames") { $0.shots[1].frames = .min },
        Edit("shot 2 has more frames than the film") { $0.shots[1].frames = .max },
        Edit("has 9 frames in its shots, and the film has 10") { $0.shots[2].frames = 4 },
        Edit("has 10 frames in its shots, and the film has 11") { $0.film.frames = 11 },
        Edit("shot 2 starts at 2.5 s, though shot 1 ends at 2 s") { $0.shots[1].start = 2.5 },
        // Decimals that a person left out.
        Edit(nil) { $0.shots[1].start = 2.000_000_9 },
        Edit("shot 3 has wrong times") { $0.shots[2].end = 5 },
        Edit("shot 1 has wrong times") { $0.shots[0].start = -1 },
        Edit("shot 1 has wrong times") { $0.shots[0].start = .nan },
        Edit("shot 2 has wrong times") { $0.shots[1].end = .infinity },
        Edit("shot 3 has wrong times") { $0.shots[2].end = 1e12 },
        Edit("shot 2 has 3 frames of preroll, and 2 frames before it") { $0.shots[1].preroll = 3 },
        Edit("shot 1 has -1 frames of preroll") { $0.shots[0].preroll = -1 },
        Edit("shot 1 has \(Int.max) frames of preroll") { $0.shots[0].preroll = .max },
        Edit(nil) { $0.shots[1].preroll = 2 },
        Edit("says nothing true of the film") { $0.film.frames = 0 },
        Edit("says nothing true of the film") { $0.film.width = 0 },
        // Sums of such numbers are no `Int`.
        Edit("says nothing true of the film") { list in
            list.film.frames = .max
            list.shots[0].frames = .max
            (list.shots[1].first, list.shots[1].frames) = (.max, .max)
        },
        Edit("says nothing true of the film") { $0.film.sha256 = "abc" },
    ])
    func problems(edit: Edit<ShotList>) {
        var list = Films.list([2, 3, 5])
        edit.change(&list)
        let problem = list.problem
        #expect(
            edit.words.map { problem?.hasPrefix($0) == true } ?? (problem == nil), "\(problem ?? "nothing is wrong")")
    }
}
