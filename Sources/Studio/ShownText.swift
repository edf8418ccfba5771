/// A text for an error line: at most 40 characters, without control characters.
func shown(_ text: String) -> String {
    let clean = String(
        text.unicodeScalars.prefix(40).map {
            $0.properties.isDefaultIgnorableCodePoint || $0.value < 0x20 ? "?" : Character($0)
        })
    return "\"\(clean)\(text.unicodeScalars.count > 40 ? "…" : "")\""
}
