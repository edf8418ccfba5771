// Benchmarks: `pentimento-bench COMMAND ...`, one file per command.
import Glibc

let commands: [(name: String, usage: String, run: ([String]) throws -> Void)] = [
    ("flow", FlowBenchmark.usage, FlowBenchmark.run),
    ("flow-accuracy", FlowAccuracy.usage, FlowAccuracy.run),
    ("scene-cuts", SceneCuts.usage, SceneCuts.run),
    ("convolution", ConvolutionSpeed.usage, ConvolutionSpeed.run),
    ("matrix-products", MatrixProducts.usage, MatrixProducts.run),
    ("network", NetworkSpeed.usage, NetworkSpeed.run),
    ("loss", LossSpeed.usage, LossSpeed.run),
    ("loss-values", LossValues.usage, LossValues.run),
    ("training-step", TrainingStep.usage, TrainingStep.run),
    ("training-race", TrainingRace.usage, TrainingRace.run),
    ("training-memory", TrainingMemory.usage, TrainingMemory.run),
    ("chain", ChainBenchmark.usage, ChainBenchmark.run),
    ("live-quality", LiveQuality.usage, LiveQuality.run),
    ("live", LivePace.usage, LivePace.run),
    ("live-delay", LiveDelay.usage, LiveDelay.run),
    ("sphere", SphereBenchmark.usage, SphereBenchmark.run),
    ("memory", MemoryBenchmark.usage, MemoryBenchmark.run),
    ("soak", Soak.usage, Soak.run),
    ("studio-cost", StudioCost.usage, StudioCost.run),
    ("studio-changes", StudioChanges.usage, StudioChanges.run),
    ("soak-live", LiveSoak.usage, LiveSoak.run),
    ("first-frame", FirstFrameBenchmark.usage, FirstFrameBenchmark.run),
    ("imaging", ImagingTimes.usage, ImagingTimes.run),
    ("optimizer", OptimizerOverhead.usage, OptimizerOverhead.run),
    ("energy", EnergyBySize.usage, EnergyBySize.run),
    ("network-start", NetworkStart.usage, NetworkStart.run),
    ("coherence", CoherenceAblation.usage, CoherenceAblation.run),
    ("border-contrast", BorderContrast.usage, BorderContrast.run),
    ("training-network", TrainingNetworkSpeed.usage, TrainingNetworkSpeed.run),
    ("training-data", TrainingData.usage, TrainingData.run),
    ("measures", MeasureSpeed.usage, MeasureSpeed.run),
    ("style-report", StyleReport.usage, StyleReport.run),
    ("sphere-geometry", SphereGeometry.usage, SphereGeometry.run),
    ("sphere-seams", SphereSeams.usage, SphereSeams.run),
    ("training-ablation", TrainingAblation.usage, TrainingAblation.run),
]

let arguments = Array(CommandLine.arguments.dropFirst())
guard let name = arguments.first, let command = commands.first(where: { $0.name == name }) else {
    print("usage: pentimento-bench COMMAND ...")
    for command in commands { print("  \(command.name) \(command.usage)") }
    exit(2)
}
do {
    try command.run(Array(arguments.dropFirst()))
} catch {
    print("pentimento-bench \(name): \(error)")
    exit(1)
}
