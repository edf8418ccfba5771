import Training

/// The training methods of table 5, named as there.
package enum TrainingMethod: String, CaseIterable, Sendable {
    /// Each frame on its own: the baseline.
    case perFrame = "L"
    case dilated = "Di"
    case twoFrame = "2F"
    case multiFrame = "MF"
    case twoFrameMixed = "2Fm"
    case multiFrameMixed = "MFm"
    /// This project's recipe: 1 to 8 recurrent frames from the start.
    case recipe

    /// Changes the settings to those of the method.
    package func apply(to settings: inout TrainingSettings) throws {
        if self != .recipe { settings.coherence = 0 }
        // The stages of the authors' training, as shares of its 120,000 steps.
        let growing = "0:1,42%:2,50%:4"
        switch self {
        case .perFrame, .dilated:
            settings.kind = .image
            settings.isDilated = self == .dilated
        case .twoFrame, .twoFrameMixed: settings.frames = try FrameSchedule(parsing: "0:1")
        case .multiFrame, .multiFrameMixed: settings.frames = try FrameSchedule(parsing: growing)
        case .recipe: return
        }
        let isMixed = self == .twoFrameMixed || self == .multiFrameMixed
        settings.priorDropout = isMixed ? 0.5 : 0
        // The paper doubles the weight when half of the samples have no prior.
        if !isMixed { settings.pixelWeight /= 2 }
    }
}
