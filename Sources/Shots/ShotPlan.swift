/// The shots of a film, grouped into tasks of about the same work for the machines of a cluster.
public struct ShotPlan: Sendable, Equatable {
    /// The numbers of each task's shots, in the order of the film; the task with the most frames first.
    public let tasks: [[Int]]

    /// Most tasks that are made without being asked for: Slurm's default limit of an array.
    public static let mostTasks = 1000

    /// Gives each shot, longest first, to the task that has the fewest frames so far.
    ///
    /// - Parameters:
    ///   - shots: those to paint; the result has each once.
    ///   - wanted: most tasks. Nil: so many that their mean is a quarter of the longest shot, at most ``mostTasks``.
    public init(_ shots: [ShotList.Shot], tasks wanted: Int? = nil) {
        let count = max(0, min(wanted ?? Self.usualCount(shots), shots.count))
        var tasks = [(work: Double, shots: [Int])](repeating: (0, []), count: count)
        for shot in shots.sorted(by: { ($1.work, $0.shot) < ($0.work, $1.shot) }) {
            guard let lightest = tasks.indices.min(by: { tasks[$0].work < tasks[$1].work }) else { break }
            tasks[lightest].work += shot.work
            tasks[lightest].shots.append(shot.shot)
        }
        self.tasks = tasks.sorted { $0.work > $1.work }.map { $0.shots.sorted() }
    }

    /// With fewer tasks, machines would wait for each other at the end; with more, short ones would mostly start.
    private static func usualCount(_ shots: [ShotList.Shot]) -> Int {
        let longest = shots.map(\.work).max() ?? 1
        let count = (4 * shots.reduce(0) { $0 + $1.work } / longest).rounded(.up)
        return Int(min(count, Double(mostTasks)))
    }
}

extension ShotList.Shot {
    /// Number of frames that are painted. A list that is edited badly may have numbers whose sum is no `Int`.
    fileprivate var work: Double { Double(frames) + Double(preroll) }
}
