import Glibc
import Imaging
import Support

/// A numbered series of picture files, `frame_%04d.png`: one `%d`, perhaps with a width (`%4d`, `%04d`); `%%` stands for `%`.
public struct FramePattern: Sendable, Equatable {
    public let text: String
    private let prefix: String
    private let suffix: String
    private let width: Int
    private let padding: Character

    /// Nil if the text has no `%d`, or more than one, or another directive: then it is a plain file name.
    public init?(_ text: String) {
        var parts = [""]
        var width = 0
        var padding: Character = " "
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "%" else {
                parts[parts.count - 1].append(character)
                continue
            }
            if rest.first == "%" {
                parts[parts.count - 1].append(rest.removeFirst())
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard digits.count <= 2, rest.dropFirst(digits.count).first == "d", parts.count == 1 else { return nil }
            rest = rest.dropFirst(digits.count + 1)
            padding = digits.first == "0" ? "0" : " "
            width = Int(digits) ?? 0
            parts.append("")
        }
        guard parts.count == 2 else { return nil }
        self.text = text
        prefix = parts[0]
        suffix = parts[1]
        self.width = width
        self.padding = padding
    }

    /// The path of the frame with this number.
    public func path(_ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: padding, count: max(0, width - digits.count)) + digits + suffix
    }

    /// The numbers of the files that are there: from the smallest on, up to the first gap.
    public func existingNumbers() throws(MediaError) -> ClosedRange<Int> {
        let cut = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
        let folder = prefix[..<cut].isEmpty ? "." : String(prefix[..<cut])
        let stem = prefix[cut...]
        guard let directory = opendir(folder) else { throw .system(errno, "read the folder of", text) }
        defer { closedir(directory) }
        var smallest: Int?
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(stem), name.hasSuffix(suffix), name.count > stem.count + suffix.count else { continue }
            let middle = name.dropFirst(stem.count).dropLast(suffix.count).drop { $0 == " " }
            guard let number = Int(middle), number >= 0, path(number) == prefix[..<cut] + name else { continue }
            smallest = min(smallest ?? number, number)
        }
        guard let first = smallest else {
            throw MediaError("\(text): no such frames; \(path(1)), for example, does not exist")
        }
        var last = first
        while Files.exists(path(last + 1)) { last += 1 }
        return first...last
    }
}
