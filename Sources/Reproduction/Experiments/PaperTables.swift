/// Numbers that the paper prints, for the same rows and columns.
enum PaperTables {
    /// Scenes of tables 2 and 4.
    static let scenes = ["alley_2", "ambush_5", "ambush_6", "bandage_2", "market_6"]

    /// Table 2: method, temporal error on each scene, seconds per frame.
    static let shortTerm: [(type: String, method: String, errors: [String], runtime: String)] = [
        ("Optimization", "Random init", ["0.019", "0.027", "0.037", "0.0180", "0.023"], "540 s"),
        ("Optimization", "Prev frame init", ["0.010", "0.018", "0.028", "0.0041", "0.014"], "260 s"),
        ("Optimization", "Ours", ["0.00061", "0.0062", "0.012", "0.00084", "0.0035"], "180 s"),
        ("Network", "Per-frame", ["0.0062", "0.011", "0.016", "0.0043", "0.0089"], "0.2 s"),
        ("Network", "Ours", ["0.0016", "0.0042", "0.0079", "0.0015", "0.0039"], "0.4 s"),
    ]

    /// Table 5: content, style and temporal loss of the methods as shares of those of L.
    static let training = [
        ["Content", "100 %", "97 %", "118 %", "101 %", "116 %", "97 %"],
        ["Style", "100 %", "97 %", "167 %", "85 %", "98 %", "77 %"],
        ["Temporal", "100 %", "67 %", "41 %", "43 %", "48 %", "49 %"],
    ]

    /// Table 4: initialisation, temporal loss, flow, temporal error on each scene.
    static let ablation: [(start: String, penalty: String, flow: String, errors: [String])] = [
        ("prev", "no", "n/a", ["0.010", "0.018", "0.028", "0.0041", "0.014"]),
        ("prev warped", "no", "DeepFlow", ["0.0016", "0.0063", "0.012", "0.0015", "0.0049"]),
        ("prev warped", "yes", "DeepFlow", ["0.00061", "0.0062", "0.012", "0.00084", "0.0035"]),
        ("prev warped", "yes", "EpicFlow", ["0.00073", "0.0068", "0.014", "0.00080", "0.0032"]),
    ]
}
