#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Maximum memory of one plan (a network for a frame size, a training run), in bytes.
///
/// Set by `PENTIMENTO_MEMORY_LIMIT`, in bytes or with a suffix K, M, G or T (powers of 1024). The default is three
/// quarters of the machine's memory, of the container's limit or of the address space that this process may still map
/// (`ulimit -v`), whichever is less.
public enum MemoryLimit {
    /// Name of the environment variable.
    public static let variable = "PENTIMENTO_MEMORY_LIMIT"

    /// The limit in bytes; the environment is read at each call, so that a host can change it.
    public static var bytes: Int { limit(setting: getenv(variable).map { String(cString: $0) }) }

    /// - Parameter setting: value of the variable; nil or invalid: the default.
    /// - Parameter mappable: bytes of address space that this process may still map; nil: no limit.
    package static func limit(setting: String?, mappable: Int? = mappableBytes) -> Int {
        setting.flatMap(parse) ?? min(machineBytes, mappable ?? Int.max) / 4 * 3
    }

    /// Parses a number of bytes such as `800M`; nil if invalid or not above 0.
    package static func parse(_ text: String) -> Int? {
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
        var digits = Substring(text)
        var shift = 0
        if let last = digits.last, let known = shifts[Character(last.uppercased())] {
            digits.removeLast()
            shift = known
        }
        guard let number = Int(digits), number > 0 else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflows ? Int.max : product
    }

    /// The machine's memory, or the control group's limit if that is less.
    private static let machineBytes: Int = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        let machine = pages > 0 && pageBytes > 0 ? pages * pageBytes : 8 << 30
        let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        return groups.compactMap(number(inFile:)).filter { $0 > 0 }.reduce(machine, min)
    }()

    /// RLIMIT_AS less what is mapped; nil without such a limit.
    package static var mappableBytes: Int? {
        var resource = rlimit()
        guard getrlimit(addressSpace, &resource) == 0, resource.rlim_cur < rlim_t(Int.max) else { return nil }
        let pages = number(inFile: "/proc/self/statm") ?? 0
        return max(0, Int(resource.rlim_cur) - pages * sysconf(Int32(_SC_PAGESIZE)))
    }

    #if canImport(Glibc)
        private static let addressSpace = Int32(RLIMIT_AS.rawValue)
    #else
        private static let addressSpace = Int32(RLIMIT_AS)
    #endif

    /// The number in a one-line system file. Such files report length 0, so ``Files`` cannot read them.
    private static func number(inFile path: String) -> Int? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var number = 0
        return withUnsafeMutablePointer(to: &number) { pointer in
            withVaList([pointer]) { vfscanf(file, "%ld", $0) }
        } == 1 ? number : nil
    }
}

/// A byte count for people: `18.5 GB`.
package func byteText(_ bytes: Int) -> String {
    let units = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")]
    guard let (unit, name) = units.first(where: { bytes >= $0.0 }) else { return "\(bytes) bytes" }
    let tenths = (bytes / (unit / 64) * 10 + 32) / 64
    return tenths >= 1000 ? "\((tenths + 5) / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
}
