import Flow
import MediaIO
import NeuralNet
import Support
import Training

/// Targets for parsers of user-written text.
let textTargets: [any FuzzTarget] = [
    textTarget(
        "pipeline-text", words: ["${", "}", "=", "$$", "\"", "\\", "#", "\n"],
        seeds: [
            "filesrc location=\"${input}\" ! decodebin ! ${filter=identity} ! fakesink # comment\n$$",
            "${a=${b=c}}${b}${a}", "${a=${b}} ${b=${a}}",
        ]
    ) { text in
        let file = try PipelineFile(parsing: text, name: "fuzz")
        _ = try? file.filled(with: [:])
        _ = try file.filled(with: Dictionary(file.keys.map { ($0.name, "x\"\\") }) { first, _ in first })
    },
    textTarget("frame-pattern", words: ["%d", "%04d", "%%", "/"], seeds: ["frame_%04d.png", "/tmp/a%db"]) { text in
        guard let pattern = FramePattern(text) else { return }
        _ = pattern.path(.max)
        _ = pattern.path(0)
    },
    textTarget("flow-pattern", words: ["[%d]", "{%d}", "[%09d]"], seeds: ["backward_[%d]_{%04d}.flo"]) {
        _ = try FlowFilePattern($0)
    },
    textTarget(
        "training-text", words: ["%", ":", "/", ",", "shift", "75%"],
        seeds: [
            "0:1,50%:2,70%:4", "0:1/2/4", "75%:2", "shift:1,zoom:0.5,noise:0.3",
        ]
    ) { text in
        _ = try? FrameSchedule(parsing: text)
        _ = try? FactorSchedule(parsing: text)
        _ = try? SequenceMix(parsing: text)
        _ = try? LossLayer(text)
    },
    textTarget(
        "folder-mark", words: ["../", "/", "\n", "pass-01/", "Made by pentimento"],
        seeds: [
            "Made by pentimento, which removes what is named here.\n\na\npass-01/b\n"
        ]
    ) { text in
        let folder = try PrivateFolder()
        let inside = "\(folder.path)/state"
        try Files.makeFolder(inside)
        try ScratchFile.write(Array(text.utf8), to: "\(inside)/\(OwnedFolder.indexName)")
        try ScratchFile.write([1], to: "\(folder.path)/victim")
        let owned = try? OwnedFolder(inside, unindexed: .take)
        _ = owned?.names
        try? owned?.write([1], to: "pass-02/c")
        owned?.discard()
        guard Files.exists("\(folder.path)/victim") else { fatalError("a file outside of the folder was removed") }
    },
]
