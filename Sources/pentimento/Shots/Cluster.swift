import ArgumentParser
import Glibc

/// What runs the tasks of a plan.
package enum Cluster: String, CaseIterable, ExpressibleByArgument {
    /// Slurm.
    case slurm
    /// GNU parallel, on this machine.
    case local

    /// The program that is started.
    var program: String { self == .slurm ? "sbatch" : "parallel" }

    /// The Debian package that has it.
    var debianPackage: String { self == .slurm ? "slurm-client" : "parallel" }

    /// Whether the program is found in `PATH`.
    var isInstalled: Bool {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin"
        return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}
