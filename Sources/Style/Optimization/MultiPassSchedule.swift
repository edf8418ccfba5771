/// The order of a multi-pass run's work (paper 4.4): a function of how many frames and passes there are and nothing else, so that
/// a run can go on wherever one was cut off.
struct MultiPassSchedule: Sequence {
    /// One frame's turn in one pass.
    struct Step: Equatable {
        /// Counted from 1.
        let pass: Int
        /// Counted from 0.
        let frame: Int
        /// Whose result of the same pass the frame is blended with; nil: it stands on its own.
        let neighbor: Neighbor?
    }

    let frames: Int
    let passes: Int

    /// Pass 1 takes each frame on its own; from there on passes go forward and backward in turn.
    static func isForward(_ pass: Int) -> Bool { pass == 1 || pass % 2 == 0 }

    func makeIterator() -> some IteratorProtocol<Step> {
        (0..<Swift.max(0, passes * frames)).lazy.map(step).makeIterator()
    }

    private func step(_ number: Int) -> Step {
        let pass = number / frames + 1
        let forward = Self.isForward(pass)
        let frame = forward ? number % frames : frames - 1 - number % frames
        let isFirst = number % frames == 0
        return Step(pass: pass, frame: frame, neighbor: pass == 1 || isFirst ? nil : forward ? .earlier : .later)
    }
}
