import Imaging
import NeuralNet
import Style
import Training

/// The style loss of each layer, of the network's output and of the optimiser's picture after `--iterations` from the
/// frame, as means over the pictures: which layers the network has not learnt.
struct LayersMeasure: StyleMeasure {
    private let input: OptimizerInput

    init(_ input: ReportInput) throws { self.input = try OptimizerInput(input) }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        let (frames, weights, iterations) = (input.frames, input.weights, input.iterations)
        let (width, height) = (frames[0].width, frames[0].height)
        let network = try style.network(width: width, height: height)
        let loss = try style.loss(style.settings, with: weights, width: width, height: height)
        let outputs = try frames.map { try network.run(frame: $0) }
        let optimized = try frames.map { frame in
            try LossTask(loss: loss, frame: frame, threads: style.settings.threads)
                .iterations(from: frame, to: 0, limit: iterations).image
        }
        return try style.settings.styleLayers.flatMap { layer in
            var settings = style.settings
            settings.styleLayers = [layer]
            let loss = try style.loss(settings, with: weights, width: width, height: height)
            func mean(_ images: [Image]) throws -> Double {
                var gradient = Image(width: width, height: height)
                return try zip(images, frames).reduce(0) { sum, pair in
                    let task = LossTask(loss: loss, frame: pair.1, threads: settings.threads)
                    return try sum + task.evaluate(pair.0, gradient: &gradient).style
                } / Double(images.count)
            }
            return try [
                Reading("\(layer)", mean(outputs)), Reading("\(layer) of the optimiser", mean(optimized)),
            ]
        }
    }
}
