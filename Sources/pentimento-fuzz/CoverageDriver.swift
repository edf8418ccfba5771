#if LIBFUZZER
    import Glibc
    import Support

    /// Runs targets with libFuzzer instead of our own loop (`make fuzz`). libFuzzer keeps and mutates inputs that reach
    /// new code. It provides the program's entry point and calls the functions below.
    private enum CoverageDriver {
        nonisolated(unsafe) static var target: (any FuzzTarget)?
        /// The corpus folder: seeds, to which libFuzzer adds inputs.
        nonisolated(unsafe) static var folder: PrivateFolder?

        /// Translates the user's arguments to libFuzzer's.
        static func arguments(for command: Fuzz, _ target: any FuzzTarget) throws -> [String] {
            if !command.files.isEmpty { return command.files }
            let folder = try PrivateFolder()
            self.folder = folder
            let words = target.words.map { word in
                "\"" + word.utf8.map { "\\x" + String(0x100 | Int($0), radix: 16).dropFirst() }.joined() + "\"\n"
            }
            let (dictionary, corpus) = ("\(folder.path)/words", "\(folder.path)/corpus")
            try Files.write(Array(words.joined().utf8), to: dictionary)
            try Files.makeFolder(corpus)
            for (index, bytes) in try target.seeds().enumerated() { try Files.write(bytes, to: "\(corpus)/\(index)") }
            return [
                "-max_total_time=\(command.timeLimit ?? 0)", "-runs=\(command.inputs ?? -1)",
                "-seed=\(UInt32(truncatingIfNeeded: command.seed))", "-dict=\(dictionary)", "-rss_limit_mb=4096",
                "-timeout=20", "-print_final_stats=1", "-verbosity=0", "-artifact_prefix=fuzz-\(target.name)-", corpus,
            ]
        }
    }

    @_cdecl("LLVMFuzzerInitialize")
    public func initializeFuzzer(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
    ) -> CInt {
        let words = (1..<Int(count.pointee)).compactMap { arguments.pointee[$0].map { String(cString: $0) } }
        do {
            let command = try Fuzz.parse(words)
            guard let target = targets.first(where: { $0.name == command.target }) else { exit(2) }
            CoverageDriver.target = target
            command.setLimits()
            let name = arguments.pointee[0].map { String(cString: $0) } ?? ""
            let texts = [name] + (try CoverageDriver.arguments(for: command, target))
            let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
            for (index, text) in texts.enumerated() { list[index] = strdup(text) }
            list[texts.count] = nil
            arguments.pointee = list
            count.pointee = CInt(texts.count)
            atexit { CoverageDriver.folder = nil }
        } catch {
            Fuzz.exit(withError: error)
        }
        return 0
    }

    @_cdecl("LLVMFuzzerTestOneInput")
    public func tryInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        CoverageDriver.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }
#endif
