import Glibc
import Testing

/// A function of many variables whose minimum is known.
struct TestProblem: Sendable, CustomTestStringConvertible {
    let name: String
    let start: [Float]
    /// The function in double precision. It adds its gradient to an array of zeros.
    let function: @Sendable (_ point: [Double], _ gradient: inout [Double]) -> Double

    var testDescription: String { name }

    @Sendable func evaluate(_ point: [Float], _ gradient: inout [Float]) -> Double {
        var exact = [Double](repeating: 0, count: point.count)
        let value = function(point.map(Double.init), &exact)
        for index in gradient.indices { gradient[index] = Float(exact[index]) }
        return value
    }

    func value(at point: [Float]) -> Double {
        var gradient = [Double](repeating: 0, count: point.count)
        return function(point.map(Double.init), &gradient)
    }

    /// The Rosenbrock function, extended to more than two variables.
    static func rosenbrock(_ count: Int) -> TestProblem {
        let start = (0..<count).map { $0 % 2 == 0 ? Float(-1.2) : 1 }
        return TestProblem(name: "rosenbrock-\(count)", start: start) { x, gradient in
            var sum = 0.0
            for i in 0..<x.count - 1 {
                let bend = x[i + 1] - x[i] * x[i]
                let rest = 1 - x[i]
                sum += 100 * bend * bend + rest * rest
                gradient[i] -= 400 * x[i] * bend + 2 * rest
                gradient[i + 1] += 200 * bend
            }
            return sum
        }
    }

    /// A quadratic with its minimum at 1, curvatures from 1 to `condition`, starting at 0.
    static func quadratic(_ name: String, count: Int, condition: Double) -> TestProblem {
        let scale = (0..<count).map { pow(condition, Double($0) / Double(count - 1)) }
        return TestProblem(name: name, start: [Float](repeating: 0, count: count)) { x, gradient in
            var sum = 0.0
            for i in x.indices {
                sum += 0.5 * scale[i] * (x[i] - 1) * (x[i] - 1)
                gradient[i] += scale[i] * (x[i] - 1)
            }
            return sum
        }
    }

    static let all = [
        rosenbrock(2), rosenbrock(10), rosenbrock(100),
        quadratic("quadratic", count: 1000, condition: 1e6),
        quadratic("quadratic-mild", count: 20000, condition: 1e3),
    ]
}
