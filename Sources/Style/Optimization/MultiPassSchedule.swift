/// The order of steps of a multi-pass run (paper 4.4). It depends only on the numbers of frames and passes, so that a
/// run can be resumed anywhere.
package struct MultiPassSchedule: Sequence {
    /// One frame in one pass.
    package struct Step: Equatable {
        /// Counted from 1.
        package let pass: Int
        /// Counted from 0.
        package let frame: Int
        /// Neighbour whose result of the same pass is blended in; nil: none.
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

    /// Pass 1 counts as forward, although its order does not matter. Later passes alternate; even ones are forward.
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
