import NeuralNet
import Testing
import Training

@Suite struct ScheduleTests {
    @Test func framesGrowAsTheTrainingGoesOn() throws {
        let schedule = try FrameSchedule(parsing: "0:1,50%:2,70%:4/6")
        #expect(schedule.frames(at: 0, fraction: 0) == [1])
        #expect(schedule.frames(at: 49, fraction: 0.49) == [1])
        #expect(schedule.frames(at: 50, fraction: 0.5) == [2])
        #expect(schedule.frames(at: 99, fraction: 0.99) == [4, 6])
        #expect(schedule.maximumFrames == 6 && schedule.description == "0:1,50%:2,70%:4/6")
        let bySteps = try FrameSchedule(parsing: "0:0,100:3")
        #expect(bySteps.frames(at: 99, fraction: 0.9) == [0] && bySteps.frames(at: 100, fraction: 0) == [3])
    }

    @Test(arguments: ["", "1", "0:1,", "50%:1", "0:-1", "0:65", "0:x", "0:1,120%:2", "0:1/", "0:1:2", "-3:1"])
    func whatIsNoScheduleIsRefused(_ text: String) {
        #expect(throws: TrainingError.self) { try FrameSchedule(parsing: text) }
    }

    @Test func ratesFall() throws {
        let schedule = FactorSchedule.falling
        let factors = [0, 0.59, 0.6, 0.84, 0.85, 1].map { schedule.factor(at: $0) }
        #expect(factors == [1, 1, 0.5, 0.5, 0.15, 0.15])
        #expect(try FactorSchedule(parsing: schedule.description) == schedule)
        #expect(try FactorSchedule(parsing: "") == .constant)
        for text in ["60:0.5", "60%:x", "60%", "60%:0.5,", "101%:1", "60%:-1"] {
            #expect(throws: TrainingError.self, "\(text)") { try FactorSchedule(parsing: text) }
        }
    }

    @Test func stepsAreDrawnByTheSeedAlone() {
        let plan = TrainingPlan(TrainingSettings())
        let drawn = (0..<2000).map { plan.frames(at: $0, fraction: 0) }
        func share(of frames: Int) -> Double { Double(drawn.filter { $0 == frames }.count) / Double(drawn.count) }
        let alone = share(of: 0)
        #expect(alone > 0.57 && alone < 0.63)
        for frames in [1, 2, 4, 8] {
            let drawn = share(of: frames)
            #expect(drawn > 0.08 && drawn < 0.12, "\(frames)")
        }
        #expect(drawn.allSatisfy { [0, 1, 2, 4, 8].contains($0) })
        var settings = TrainingSettings()
        settings.kind = .image
        let plans = (0..<100).map { TrainingPlan(settings).frames(at: $0, fraction: 0) }
        #expect(plans.allSatisfy { $0 == 0 })
    }

    @Test func progressFollowsTimeIfTimeIsTheLimit() {
        var settings = TrainingSettings()
        settings.length = .seconds(100)
        #expect(TrainingPlan(settings).fraction(step: 7, seconds: 25) == 0.25)
        settings.length = .steps(10)
        #expect(TrainingPlan(settings).fraction(step: 7, seconds: 25) == 0.7)
    }
}

@Suite struct PixelScheduleTests {
    @Test func thePixelLossCountsMoreTowardsTheEnd() throws {
        var settings = TrainingSettings()
        settings.pixelWeight = 10
        settings.pixelSchedule = try FactorSchedule(parsing: "50%:3")
        #expect(settings.pixelWeight(at: 0.49) == 10 && settings.pixelWeight(at: 0.5) == 30)
        let losses = TrainingLosses(pixel: 2)
        #expect(losses.total(settings, pixelWeight: 10) == 20 && losses.total(settings, pixelWeight: 30) == 60)
    }

    @Test func stepsFollowTheSchedule() throws {
        func checksum(_ weight: Double, _ schedule: String) throws -> String {
            var sample = TrainingCase()
            sample.settings.priorDropout = 0
            sample.settings.pixelWeight = weight
            sample.settings.pixelSchedule = try FactorSchedule(parsing: schedule)
            let trainer = try sample.trainer()
            try trainer.run()
            return try trainer.model().checksum
        }
        let always = try checksum(500, "")
        #expect(try checksum(500, "0%:0") == checksum(0, ""))
        #expect(try checksum(250, "0%:2") == always)
        #expect(try checksum(500, "50%:0") != always)
    }
}
