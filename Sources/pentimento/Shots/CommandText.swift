/// Command lines as a shell takes them.
enum CommandText {
    /// That of this process, without the number of a shot.
    static var ofThisProcess: String {
        var words: [String] = ["pentimento"]
        var isNumber = false
        for argument in CommandLine.arguments.dropFirst() {
            if isNumber {
                isNumber = false
            } else if argument == "--shot" {
                isNumber = true
            } else if !argument.hasPrefix("--shot=") {
                words.append(quoted(argument))
            }
        }
        return words.joined(separator: " ")
    }

    /// A word of a shell's command.
    static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:,%@".contains($0)) }
        guard word.isEmpty || !isPlain else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
