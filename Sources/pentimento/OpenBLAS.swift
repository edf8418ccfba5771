import COpenBLAS

/// What the matrix library has made of this processor.
enum OpenBLAS {
    static var coreName: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }
}
