import CKernels
import Glibc

/// Folders of files that are installed with the program or the plugin.
package enum InstalledFiles {
    /// Where a folder may be: `pentimento-NAME` beside the binary that contains this code; `share/pentimento/NAME` in the
    /// installation prefix of that binary.
    package static func folders(_ name: String) -> [String] {
        guard let binary = binaryPath() else { return [] }
        let folder = parent(of: binary)
        let installed = folder.hasSuffix("/bin") ? ["\(parent(of: folder))/share/pentimento/\(name)"] : []
        return ["\(folder)/pentimento-\(name)"] + installed
    }

    /// Path of the program or library that contains this code, with links resolved.
    private static func binaryPath() -> String? {
        guard let binary = kernel_binary_path(), let resolved = realpath(binary, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
