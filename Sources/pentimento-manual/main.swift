// Writes the manual pages of a program, one for each of its commands, from the help that it prints as JSON:
//
//     pentimento --experimental-dump-help | pentimento-manual FOLDER VERSION DATE
//
// The library for command lines has a plugin for this, but it knows neither the sections of the help nor the values of
// options, and builds the program anew.
import FoundationEssentials
import Glibc
import Support

func fail(_ reason: String, status: Int32 = 1) -> Never {
    let line = "pentimento-manual: \(reason)\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
    exit(status)
}

guard CommandLine.arguments.count == 4 else {
    fail("say FOLDER VERSION DATE, with the program's --experimental-dump-help on standard input", status: 2)
}
let (folder, version, date) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])

var input: [UInt8] = []
while let line = readLine(strippingNewline: false) { input += line.utf8 }
do {
    let help = try JSONDecoder().decode(ProgramHelp.self, from: Data(input))
    guard help.serializationVersion == ProgramHelp.knownVersion else {
        fail("the help has format \(help.serializationVersion) instead of \(ProgramHelp.knownVersion)")
    }
    try Files.makeFolder(folder)
    for command in help.command.all {
        let page = ManualPage(command: command, version: version, date: date)
        try WholeFile.write(Array(page.text.utf8), to: "\(folder)/\(page.file)", replacing: true)
    }
} catch let error as DecodingError {
    fail("standard input is not the help of a program as JSON: \(error)")
} catch {
    fail("\(error)")
}
