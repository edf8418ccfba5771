import COpenBLAS

/// Information from the matrix library.
enum OpenBLAS {
    /// Name of the kernels that OpenBLAS chose for this processor.
    static var coreName: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }
}
