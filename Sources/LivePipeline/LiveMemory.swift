import Glibc

/// The memory of a process in which pipelines, and so threads, come and go.
enum LiveMemory {
    /// M_ARENA_MAX of malloc.h, which Swift's Glibc leaves out.
    private static let mostArenas: Int32 = -8

    /// Has all threads allocate from two arenas. By default each gets one of its own, and what is free in one is of no use to
    /// others: a painting that changes much then takes more than twice the memory.
    static func limitArenas() {
        typealias Setter = @convention(c) (Int32, Int32) -> Int32
        guard let mallopt = dlsym(nil, "mallopt") else { return }
        _ = unsafeBitCast(mallopt, to: Setter.self)(mostArenas, 2)
    }
}
