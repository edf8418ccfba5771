// Programs are built without the testing library, which has no static version.
#if canImport(Testing)
    import Testing

    extension TestData {
        /// A file of the optional collection (`optional(_:)`); where it is missing, the test ends here and counts as skipped.
        public static func real(_ path: String) throws -> String {
            if let file = optional(path) { return file }
            try skip("no real data at \(path); set PENTIMENTO_TEST_DATA to a folder that has it")
        }

        /// A loss network's file, by its name; where there is none, the test ends here and counts as skipped.
        public static func lossNetwork(_ name: String) throws -> String {
            if let file = optionalLossNetwork(name) { return file }
            try skip("no loss network \(name); run: pentimento models fetch \(name)")
        }

        /// Ends the test at hand, which counts as skipped, not as passed.
        public static func skip(_ reason: String) throws -> Never {
            print("SKIPPED: \(reason)")
            try Test.cancel("\(reason)")
        }
    }
#endif
