import StudioControls

/// Targets for what other programs send to the studio.
let controlTargets: [any FuzzTarget] = [
    FunctionTarget(
        name: "osc", words: ["#bundle\0", "/pentimento/", ",f\0\0", ",s\0\0", ",T\0\0", "\0\0\0\u{1}", "style", "tap"],
        makeSeeds: {
            let strength = Array("/pentimento/strength\0\0\0\0,f\0\0".utf8) + [0x3f, 0, 0, 0]
            let style = Array("/pentimento/style\0\0\0,s\0\0scream\0\0".utf8)
            let bundle = Array("#bundle\0\0\0\0\0\0\0\0\u{1}".utf8)
            return [
                strength, style,
                bundle + [0, 0, 0, UInt8(strength.count)] + strength + [0, 0, 0, UInt8(style.count)] + style,
            ]
        }, body: { _ = OSCReceiver.actions(of: $0) { _ in } })
]
