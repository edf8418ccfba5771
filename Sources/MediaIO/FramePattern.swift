import Glibc
import Imaging
import Support

/// A printf pattern of numbered image files such as `frame_%04d.png`: one `%d`, optionally with a width (`%4d`,
/// `%04d`); `%%` is a literal `%`.
public struct FramePattern: Sendable, Equatable {
    /// The pattern.
    public let text: String
    private let prefix: String
    private let suffix: String
    private let width: Int
    private let padding: Character

    /// Nil if the text does not have exactly one `%d` or has another directive; it is then a plain file name.
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

    /// The file that a text names if it is no pattern: with `%%d` or `%%04d` in it, each `%%` is a literal `%`.
    package static func literal(_ text: String) -> String {
        guard FramePattern(text) == nil, holdsEscape(text) else { return text }
        var result = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            result.append(character)
            if character == "%", rest.first == "%" { rest.removeFirst() }
        }
        return result
    }

    /// A text of which ``literal(_:)`` is this path.
    package static func escaped(_ path: String) -> String {
        guard FramePattern(path) != nil || holdsEscape(path) else { return path }
        return path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    }

    /// Whether there is a `%%d` or `%%04d` in a text.
    private static func holdsEscape(_ text: String) -> Bool {
        let parts = text.split(separator: "%", omittingEmptySubsequences: false)
        return zip(parts.dropFirst(), parts.dropFirst(2)).contains { first, second in
            let digits = second.prefix { $0.isASCII && $0.isNumber }
            return first.isEmpty && digits.count <= 2 && second.dropFirst(digits.count).first == "d"
        }
    }

    /// The path of a frame.
    public func path(_ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: padding, count: max(0, width - digits.count)) + digits + suffix
    }

    /// The numbers of the existing files.
    ///
    /// - Parameter allowingGaps: whether some between the first and the last may be missing.
    /// - Throws: if the folder or all files are missing, or one between others is.
    public func existingNumbers(allowingGaps: Bool = false) throws(MediaError) -> ClosedRange<Int> {
        guard Files.isFolder(folder) else { throw .system(ENOENT, "read the folder of", text) }
        let present = numbersPresent
        guard let first = present.min(), let last = present.max() else {
            throw MediaError("\(text): no such frames; \(path(1)), for example, does not exist")
        }
        if !allowingGaps, let gap = (first...last).first(where: { !present.contains($0) }) {
            throw MediaError(
                "\(path(gap)): is missing, though there are frames up to \(path(last)); number them without gaps, or take "
                    + "those that are there with --keep-going")
        }
        return first...last
    }

    /// The numbers of all existing files.
    package var numbersPresent: Set<Int> {
        let stem = prefix[folderEnd...]
        let numbers = Files.names(in: folder, withHidden: true).compactMap { name -> Int? in
            guard name.hasPrefix(stem), name.hasSuffix(suffix), name.count > stem.count + suffix.count else {
                return nil
            }
            let middle = name.dropFirst(stem.count).dropLast(suffix.count).drop { $0 == " " }
            // Larger numbers name moments, for example, and do not follow each other.
            guard let number = Int(middle), (0..<Int(Int32.max)).contains(number),
                path(number) == prefix[..<folderEnd] + name, Files.facts(of: path(number)) != nil
            else { return nil }
            return number
        }
        return Set(numbers)
    }

    private var folderEnd: String.Index {
        prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
    }

    private var folder: String { folderEnd == prefix.startIndex ? "." : String(prefix[..<folderEnd]) }
}
