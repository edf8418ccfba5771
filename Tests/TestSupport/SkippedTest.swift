// Executables are built without the testing library, which has no static version.
#if canImport(Testing)
    import Testing

    extension TestData {
        /// A file of the optional collection (`optional(_:)`). If it is missing, the test is skipped.
        public static func real(_ path: String) throws -> String {
            if let file = optional(path) { return file }
            try skip("no real data at \(path); set PENTIMENTO_TEST_DATA to a folder that has it")
        }

        /// The file of a loss network. If there is none of that name, the test is skipped.
        public static func lossNetwork(_ name: String) throws -> String {
            if let file = optionalLossNetwork(name) { return file }
            try skip("no loss network \(name); run: pentimento models fetch \(name)")
        }

        /// Skips the current test.
        public static func skip(_ reason: String) throws -> Never {
            print("SKIPPED: \(reason)")
            try Test.cancel("\(reason)")
        }
    }
#endif
