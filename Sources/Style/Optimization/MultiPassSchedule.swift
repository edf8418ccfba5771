/// The order of a multi-pass run's work (paper 4.4): a function of how many frames and passes there are and nothing
/// else, so that a run can go on wherever one was cut off.
package struct MultiPassSchedule: Sequence {
    /// One frame's turn in one pass.
    package struct Step: Equatable {
        /// Counted from 1.
        package let pass: Int
        /// Counted from 0.
        package let frame: Int
        /// Whose result of the same pass the frame is blended with; nil: it stands on its own.
        package let neighbor: Neighbor?

        package init(pass: Int, frame: Int, neighbor: Neighbor?) {
            self.pass = pass
            self.frame = frame
            self.neighbor = neighbor
        }
    }

    private let frames: Int
    private let passes: Int

    package init(frames: Int, passes: Int) {
        self.frames = frames
        self.passes = passes
    }

    /// Pass 1 takes each frame on its own; from there on passes go forward and backward in turn.
    package static func isForward(_ pass: Int) -> Bool { pass == 1 || pass % 2 == 0 }

    package func makeIterator() -> some IteratorProtocol<Step> {
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
