/// How many frames of a video have come, and how many have not.
struct FrameCensus {
    /// What an AVI file says. Its frames are numbered, also those that repeat the one before and have no packet.
    struct Numbering {
        /// Number of frames. Some writers count one too many.
        var frames: Int
        /// Packets in the index; 0 without one, as in a file that is cut short.
        var packets: Int
        /// The number behind that of the last packet that was read.
        var end = 0
    }

    /// Frames that were decoded.
    var decoded = 0
    /// Packets of pictures that were read.
    var packets = 0
    var gaps = FrameGaps()
    /// The number of frames that the file says; nil if it does not. MP4 may have some that are not shown.
    var said: Int?
    /// Of AVI.
    var numbering: Numbering?
    /// Whether the file is one of fragments, which says nothing of those that are cut off.
    var isFragmented = false
    /// Whether the demuxer has come upon damage.
    var isDamaged = false

    /// Frames whose packets were read, but could not be decoded. Where times are wrong, there are gaps without any.
    private var undecoded: Int { min(gaps.undecoded, max(packets - decoded, 0)) }

    /// Packets of an AVI file that were not read.
    private var absent: Int {
        guard let numbering else { return 0 }
        if numbering.packets > packets { return numbering.packets - packets }
        return numbering.frames - numbering.end > 1 ? numbering.frames - numbering.end : 0
    }

    /// All frames that are known to be missing, if the whole file was read.
    private var missing: Int { absent + undecoded + (numbering == nil && isDamaged ? gaps.unread : 0) }

    /// How many frames are missing, and of how many, if that is more than a fifth of those that the file says; nil otherwise.
    var mostlyMissing: (missing: Int, all: Int)? {
        guard let numbering, absent > numbering.frames / 5 + 2 else { return nil }
        return (missing, decoded + missing)
    }

    /// What is said of frames that are missing; nil if none is.
    ///
    /// - Parameters:
    ///   - isWhole: whether the whole file was read.
    ///   - endsEarly: whether it ends before it says.
    func note(isWhole: Bool, endsEarly: Bool) -> String? {
        guard isWhole else {
            let missing = undecoded + (isDamaged ? gaps.unread : 0)
            return missing > 0 ? "is damaged: \(words(missing, of: decoded + missing)) missing" : nil
        }
        if endsEarly, let said, said > decoded {
            return "is cut short: \(words(said - decoded, of: said)) missing at its end"
        }
        // The end of a fragment is not there.
        if isFragmented && isDamaged { return "is cut short or damaged: its last frames cannot be read" }
        guard missing > 0 else { return nil }
        return "is \(absent > 0 ? "cut short or " : "")damaged: \(words(missing, of: decoded + missing)) missing"
    }

    private func words(_ missing: Int, of all: Int) -> String {
        "\(missing) of \(all) frames \(missing == 1 ? "is" : "are")"
    }
}
