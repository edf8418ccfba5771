import Imaging
import NeuralNet
import Style
import Training

/// How many iterations of L-BFGS the network is worth: the number after which the optimiser's total loss is not above
/// that of the network's output, from noise and from the frame itself, as the median over the pictures. At most
/// `--iterations` are made.
///
/// The loss is that which the model was trained with: content, style and total variation, with the layers, weights,
/// pooling, normalisation, statistic and style size of its metadata. The sliced statistic uses one fixed set of
/// directions. `content` and `style` are the network's losses over those of the optimiser after these iterations from
/// the frame: which of the two the network is worse at.
struct LossMeasure: StyleMeasure {
    private let input: OptimizerInput

    init(_ input: ReportInput) throws { self.input = try OptimizerInput(input) }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        let (frames, weights, iterations) = (input.frames, input.weights, input.iterations)
        let (width, height) = (frames[0].width, frames[0].height)
        let settings = style.settings
        let network = try style.network(width: width, height: height)
        let loss = try style.loss(settings, with: weights, width: width, height: height)
        let starts = try InitialImages(settings: OptimizationSettings(), library: .standard, model: "")
        var (random, content, ratios): ([Double], [Double], [(content: Double, style: Double)]) = ([], [], [])
        for (number, frame) in frames.enumerated() {
            let task = LossTask(loss: loss, frame: frame, threads: settings.threads)
            var gradient = Image(width: width, height: height)
            let goal = try task.evaluate(network.run(frame: frame), gradient: &gradient)
            let noise = try starts.image(.random, for: frame, number: number)
            random.append(try task.iterations(from: noise, to: goal.total, limit: iterations).count)
            let reached = try task.iterations(from: frame, to: goal.total, limit: iterations)
            content.append(reached.count)
            if reached.count <= Double(iterations) {
                ratios.append((goal.content / reached.value.content, goal.style / reached.value.style))
            }
        }
        return [
            count("iterations from noise", random), count("from the frame", content),
            Reading("content over the optimiser's", ratios.map(\.content).median),
            Reading("style", ratios.map(\.style).median),
        ]
    }

    private func count(_ name: String, _ counts: [Double]) -> Reading {
        guard let median = counts.median, median <= Double(input.iterations) else {
            return Reading(name, text: ">\(input.iterations)")
        }
        return Reading(name, median)
    }
}

/// What the measures that compare a network with the optimiser need.
struct OptimizerInput {
    /// In network space.
    let frames: [Image]
    let weights: LossNetworkWeights
    let iterations: Int

    init(_ input: ReportInput) throws {
        frames = try input.pictures().map { $0.networkSpace() }
        weights = try input.lossNetwork()
        iterations = try input.number("iterations", default: 60)
    }
}

/// The training loss of one frame.
struct LossTask {
    let loss: TrainingLoss
    let frame: Image
    let threads: Int

    func evaluate(_ image: Image, gradient: inout Image) throws -> TrainingLossValue {
        var gradients = [Image(width: 0, height: 0)]
        swap(&gradients[0], &gradient)
        defer { swap(&gradients[0], &gradient) }
        return try loss.evaluate(
            [image], frames: [frame], targets: [[]], gradients: &gradients)
    }

    /// The number of iterations until the total loss is at most `goal`, infinite if it is not after `limit`; the last
    /// value, and the image.
    func iterations(
        from start: Image, to goal: Double, limit: Int
    ) throws -> (count: Double, value: TrainingLossValue, image: Image) {
        func image(_ point: [Float]) -> Image { Image(width: frame.width, height: frame.height, samples: point) }
        let optimizer = LBFGS(threads: threads)
        var point = start.samples
        var slope = Image(width: frame.width, height: frame.height)
        var value = try evaluate(start, gradient: &slope)
        for iteration in 0...limit {
            if value.total <= goal { return (Double(iteration), value, image(point)) }
            guard iteration < limit else { break }
            var seen: [TrainingLossValue] = []
            let step = try optimizer.step(&point) { point, gradient in
                let value = try evaluate(image(point), gradient: &slope)
                gradient = slope.samples
                seen.append(value)
                return value.total
            }
            value = seen.last { $0.total == step.loss } ?? value
            if step.isFinished { break }
        }
        return (.infinity, value, image(point))
    }
}
