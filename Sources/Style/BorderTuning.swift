import NeuralNet
import Support

extension ModelDescription {
    /// Whether the model was trained with samples of perspectively transformed face borders (paper 6.2): its training
    /// metadata has a mix with a `sphere` weight above 0.
    public var isTunedForBorders: Bool {
        guard let training, let making = try? JSON(parsing: Array(training.utf8)[...]),
            case .object(let facts) = making, case .object(let inputs)? = facts["inputs"],
            case .string(let mix)? = inputs["mix"]
        else { return false }
        return mix.split(separator: ",").contains { part in
            let pair = part.split(separator: ":")
            return pair.count == 2 && pair[0] == "sphere" && (Double(pair[1]) ?? 0) > 0
        }
    }
}
