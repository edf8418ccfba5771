import CKernels
import Imaging
import Testing

@Suite struct VariantTests {
    @Test func settingAppliesToThreadAndItsLoops() {
        kernel_set_variant(0)
        defer { kernel_set_variant(-1) }
        #expect(kernel_current_variant() == KERNEL_PORTABLE)
        nonisolated(unsafe) let seen = UnsafeMutablePointer<UInt32>.allocate(capacity: 64)
        seen.initialize(repeating: 9, count: 64)
        defer { seen.deallocate() }
        parallel(64, threads: 4) { seen[$0] = kernel_current_variant().rawValue }
        #expect((0..<64).allSatisfy { seen[$0] == KERNEL_PORTABLE.rawValue })
    }

    @Test func settingNeverExceedsTheProcessor() {
        let best = kernel_current_variant()
        kernel_set_variant(100)
        defer { kernel_set_variant(-1) }
        #expect(kernel_current_variant() == best)
    }
}
