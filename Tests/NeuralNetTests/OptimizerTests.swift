import Glibc
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// Optimisers against SciPy and PyTorch: `Fixtures/make_optimizers.py`.
@Suite struct OptimizerPeerTests {
    private static func fixture(_ name: String) throws -> [Float] {
        let path = TestData.fixture("optimizers.safetensors", of: "NeuralNetTests")
        return try #require(try SafeTensors(contentsOf: path).tensors[name]).values
    }

    @Test(arguments: TestProblem.all)
    func lbfgsNeedsFewMoreIterationsThanSciPy(problem: TestProblem) throws {
        let theirLosses = try Self.fixture("\(problem.name).losses").map(Double.init)
        let theirEvaluations = try Self.fixture("\(problem.name).evaluations")
        let optimizer = LBFGS(historySize: 20)
        var point = problem.start
        var losses = [problem.value(at: point)]
        var evaluations = [0]
        for _ in 0..<1200 {
            let step = try optimizer.step(&point, objective: problem.evaluate)
            losses.append(step.loss)
            evaluations.append((evaluations.last ?? 0) + step.evaluations)
            if step.isFinished { break }
        }
        #expect(try #require(losses.last) == problem.value(at: point))
        for share in [1e-2, 1e-4, 1e-6, 1e-8] {
            let goal = share * losses[0]
            guard let theirs = theirLosses.firstIndex(where: { $0 <= goal }) else { continue }
            let ours = try #require(losses.firstIndex { $0 <= goal }, "to \(share) of the loss at the start")
            #expect(Double(ours) <= 1.1 * Double(theirs) + 2, "iterations to \(share) of the loss at the start")
            #expect(Float(evaluations[ours]) <= 1.1 * theirEvaluations[theirs] + 4, "evaluations to \(share)")
        }
    }

    @Test func adamMatchesPyTorch() throws {
        let problem = TestProblem.quadratic("", count: 50, condition: 1e4)
        let expected = try Self.fixture("adam.points")
        let optimizer = Adam(learningRate: 0.05)
        var point = problem.start
        var points: [Float] = []
        for iteration in 1...300 {
            let step = try optimizer.step(&point, objective: problem.evaluate)
            #expect(step.evaluations == (iteration == 1 ? 2 : 1))
            #expect(step.loss == problem.value(at: point))
            if [1, 10, 100, 300].contains(iteration) { points += point }
        }
        #expect(largestDifference(points, expected) < 1e-5)
    }
}

/// The requirements on every optimiser.
@Suite struct OptimizerContractTests {
    struct Failure: Error {}

    struct Method: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (_ threads: Int) -> any Optimizer

        static let all = [
            Method(testDescription: "L-BFGS") { LBFGS(historySize: 5, threads: $0) },
            Method(testDescription: "Adam") { Adam(learningRate: 0.05, threads: $0) },
        ]
    }

    /// Longer than several chunks.
    private static let problem = TestProblem.quadratic("", count: 50_001, condition: 1e3)

    private func run(_ optimizer: any Optimizer, iterations: Int) throws -> [Float] {
        var point = Self.problem.start
        for _ in 0..<iterations { _ = try optimizer.step(&point, objective: Self.problem.evaluate) }
        return point
    }

    @Test(arguments: Method.all) func threadsDoNotChangeABit(method: Method) throws {
        let expected = try run(method.make(1), iterations: 12)
        for threads in [0, 2, 3, 50] { #expect(try run(method.make(threads), iterations: 12) == expected) }
    }

    /// Only evaluations can fail; here each of the first ones in turn.
    @Test(arguments: Method.all) func errorLeavesThePointAndAllowsRetry(method: Method) throws {
        let expected = try run(method.make(0), iterations: 4)
        for failing in 1...5 {
            let optimizer = method.make(0)
            var point = Self.problem.start
            var evaluations = 0
            var done = 0
            while done < 4 {
                let before = point
                do {
                    _ = try optimizer.step(&point) { point, gradient in
                        evaluations += 1
                        if evaluations == failing {
                            gradient[0] = .nan
                            throw Failure()
                        }
                        return Self.problem.evaluate(point, &gradient)
                    }
                    done += 1
                } catch is Failure {
                    #expect(point == before)
                }
            }
            #expect(evaluations > failing)
            #expect(point == expected, "evaluation \(failing) failed")
        }
    }

    @Test(arguments: Method.all) func nanIsReportedAndLeavesThePoint(method: Method) throws {
        for (value, slope) in [(Double.nan, Float(1)), (.infinity, 1)] {
            var point: [Float] = [3, 4]
            let step = try method.make(0).step(&point) { _, gradient in
                gradient = [slope, slope]
                return value
            }
            #expect(!step.loss.isFinite)
            #expect(step.isFinished)
            #expect(point == [3, 4])
        }
    }
}

/// The line search on difficult functions.
@Suite struct LineSearchTests {
    @Test func finishesAtAMinimum() throws {
        var point = [Float](repeating: 1, count: 10)
        let step = try LBFGS().step(&point, objective: TestProblem.quadratic("", count: 10, condition: 10).evaluate)
        #expect(step == OptimizerStep(loss: 0, evaluations: 1, isFinished: true))
    }

    /// x - log x, which is NaN for x below 0, where the first step leads.
    @Test func avoidsNaNRegions() throws {
        let optimizer = LBFGS(firstMove: 40)
        var point: [Float] = [3, 20, 7, 1.5]
        var last = OptimizerStep(loss: .infinity, evaluations: 0, isFinished: false)
        var strayed = false
        for _ in 0..<30 where !last.isFinished {
            last = try optimizer.step(&point) { point, gradient in
                var sum = 0.0
                for (index, x) in point.enumerated() {
                    gradient[index] = 1 - 1 / x
                    sum += x < 0 ? .nan : Double(x) - log(Double(x))
                }
                strayed = strayed || sum.isNaN
                return sum
            }
        }
        #expect(strayed)
        #expect(abs(last.loss - 4) < 1e-6)
        #expect(point.allSatisfy { abs($0 - 1) < 1e-3 })
    }

    @Test func nanGradientIsReported() throws {
        var point: [Float] = [3, 4]
        let step = try LBFGS().step(&point) { _, gradient in
            gradient = [.nan, 1]
            return 1
        }
        #expect(step.loss.isNaN)
        #expect(point == [3, 4])
    }

    @Test func nanOnAllSidesIsReported() throws {
        var point: [Float] = [3, 4]
        var evaluations = 0
        let step = try LBFGS().step(&point) { _, gradient in
            gradient = [1, 1]
            evaluations += 1
            return evaluations == 1 ? 1 : .infinity
        }
        #expect(!step.loss.isFinite)
        #expect(step.isFinished)
        #expect(step.evaluations == evaluations)
        #expect(point == [3, 4])
    }

    /// Rounding of the value to seven digits is much larger than the remaining decrease, as for an image's loss.
    @Test func roundingNearTheMinimumDoesNotStallTheSearch() throws {
        let problem = TestProblem.quadratic("", count: 2000, condition: 1e4)
        let optimizer = LBFGS()
        var point = problem.start
        var evaluations = 0
        var iterations = 0
        var last = OptimizerStep(loss: 0, evaluations: 0, isFinished: false)
        while !last.isFinished, iterations < 1000 {
            last = try optimizer.step(&point) { point, gradient in
                Double(Float(1e6 + problem.evaluate(point, &gradient)))
            }
            #expect(last.evaluations <= 26)
            evaluations += last.evaluations
            iterations += 1
        }
        #expect(problem.value(at: point) < 1e-3, "what the gradient knows is used beyond what the value shows")
        #expect(Double(evaluations) < 1.3 * Double(iterations) + 30, "\(evaluations) in \(iterations)")
    }

    @Test func firstTrialIsNearlyAlwaysAccepted() throws {
        let problem = TestProblem.quadratic("", count: 5000, condition: 100)
        let optimizer = LBFGS()
        var point = problem.start
        var evaluations = 0
        for _ in 0..<40 { evaluations += try optimizer.step(&point, objective: problem.evaluate).evaluations }
        #expect(evaluations <= 44)
    }

    @Test func worksWithAHistoryOfOneStep() throws {
        let problem = TestProblem.rosenbrock(10)
        let optimizer = LBFGS(historySize: 1)
        var point = problem.start
        for _ in 0..<500 { if try optimizer.step(&point, objective: problem.evaluate).isFinished { break } }
        #expect(problem.value(at: point) < 1e-8)
    }
}
