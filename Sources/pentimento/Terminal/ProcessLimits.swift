import Glibc
import Support

/// Resource limits of this process (`ulimit`) that are too low for GStreamer's threads and libraries, which would
/// crash or block instead of reporting an error.
enum ProcessLimits {
    /// A resource, the least of it that any command needs, and the shell's name for the limit.
    struct Requirement {
        var name: String
        var option: String
        var minimum: Int
        var isBytes: Bool
        var current: @Sendable () -> Int
    }

    /// Descriptors: GStreamer opens one or more per thread and bus. Stack: libraries use 200 KB of the main thread's.
    /// Address space: libraries, their threads' stacks and OpenBLAS's buffers map 500 MB before any work.
    static let requirements = [
        Requirement(name: "open files", option: "-n", minimum: 32, isBytes: false) { current(RLIMIT_NOFILE) },
        Requirement(name: "stack", option: "-s", minimum: 512 << 10, isBytes: true) { current(RLIMIT_STACK) },
        Requirement(name: "address space", option: "-v", minimum: 900 << 20, isBytes: true) { current(RLIMIT_AS) },
    ]

    /// What is wrong and what to do about it; nil if every limit is high enough.
    static func problem(in requirements: [Requirement] = Self.requirements) -> String? {
        for requirement in requirements {
            let current = requirement.current()
            guard current < requirement.minimum else { continue }
            let text = { requirement.isBytes ? byteText($0) : "\($0)" }
            return "the limit of \(requirement.name) is \(text(current)), and at least \(text(requirement.minimum)) "
                + "are needed; raise it with `ulimit \(requirement.option)`"
        }
        return nil
    }

    private static func current(_ resource: __rlimit_resource) -> Int {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0 else { return Int.max }
        return Int(clamping: limit.rlim_cur)
    }
}
