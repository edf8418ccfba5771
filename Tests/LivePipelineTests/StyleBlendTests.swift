import LivePipeline
import Studio
import TestSupport
import Testing

@Suite struct StyleBlendTests {
    private static let second: UInt = 1_000_000_000

    private func state(_ style: String, _ second: String = "", _ blend: Double = 0, fade: Double = 0) -> StudioState {
        var state = StudioState()
        (state.style, state.secondStyle, state.blend, state.fade) = (style, second, blend, fade)
        return state
    }

    @Test(arguments: [
        ("scream", "", 0.0, "scream"), ("scream", "", 0.5, "scream"), ("scream", "scream", 0.5, "scream"),
        ("scream", "great-wave", 0, "scream"), ("scream", "great-wave", 1, "great-wave"),
        ("scream", "great-wave", 0.25, "great-wave:0.25,scream:0.75"),
    ])
    func twoStylesAreMixedOnlyBetweenTheSlidersEnds(style: String, second: String, blend: Double, mix: String) throws {
        let blend = StyleBlend(state(style, second, blend), try LiveStyles(Play.library))
        #expect(blend.mix(at: 0) == mix)
        #expect(blend.model.hasSuffix("paintings.safetensors"))
    }

    @Test func anotherStyleFadesAndASliderDoesNot() throws {
        let styles = try LiveStyles(Play.library)
        let (old, new) = (state("scream", "primavesi"), state("great-wave", "primavesi", fade: 4))
        var blend = StyleBlend(old, styles)
        blend.change(from: old, to: new, styles, at: Self.second)
        #expect(blend.mix(at: Self.second) == "scream")
        #expect(blend.mix(at: 2 * Self.second) == "great-wave:0.25,scream:0.75")
        #expect(blend.mix(at: 5 * Self.second) == "great-wave")
        let slid = state("great-wave", "primavesi", 0.5, fade: 4)
        blend.change(from: new, to: slid, styles, at: 6 * Self.second)
        #expect(blend.mix(at: 6 * Self.second) == "great-wave:0.5,primavesi:0.5")
    }

    /// A change in the middle of a fade goes on from where that was.
    @Test func aFadeIsFollowedByAnother() throws {
        let styles = try LiveStyles(Play.library)
        let states = ["scream", "great-wave", "primavesi"].map { state($0, fade: 2) }
        var blend = StyleBlend(states[0], styles)
        blend.change(from: states[0], to: states[1], styles, at: 0)
        blend.change(from: states[1], to: states[2], styles, at: Self.second)
        #expect(blend.mix(at: Self.second) == "great-wave:0.5,scream:0.5")
        #expect(blend.mix(at: 2 * Self.second) == "great-wave:0.25,primavesi:0.5,scream:0.25")
        #expect(blend.mix(at: 3 * Self.second) == "primavesi")
    }

    @Test func anUnknownStyleLeavesAllAsItIs() throws {
        let styles = try LiveStyles(Play.library)
        var blend = StyleBlend(state("scream"), styles)
        blend.change(from: state("scream"), to: state("nothing"), styles, at: 0)
        #expect(blend.mix(at: Self.second) == "scream")
    }
}
