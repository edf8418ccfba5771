import CPictures

/// Converts the colors of pictures from an ICC profile to sRGB.
final class ColorProfile {
    /// What the samples of a picture are.
    enum Samples { case colors, inks }

    private let transform: cmsHTRANSFORM

    /// - Returns: nil if the profile is damaged, does not fit the samples, or is that of sRGB. Then colors stay as they
    ///   are.
    init?(_ bytes: [UInt8], for samples: Samples = .colors) {
        guard let profile = cmsOpenProfileFromMem(bytes, cmsUInt32Number(clamping: bytes.count)) else { return nil }
        defer { cmsCloseProfile(profile) }
        guard let standard = cmsCreate_sRGBProfile() else { return nil }
        defer { cmsCloseProfile(standard) }
        let format: cmsUInt32Number? =
            switch (cmsGetColorSpace(profile), samples) {
            case (cmsSigRgbData, .colors): pentimento_rgbx
            case (cmsSigGrayData, .colors): pentimento_gray_of_rgbx
            case (cmsSigCmykData, .inks): pentimento_cmyk
            default: nil
            }
        guard let format,
            let transform = cmsCreateTransform(
                profile, format, standard, pentimento_rgbx, cmsUInt32Number(INTENT_PERCEPTUAL), 0)
        else { return nil }
        self.transform = transform
        if samples == .colors && changesNothing { return nil }
    }

    deinit { cmsDeleteTransform(transform) }

    /// Whether colors change by rounding only: files often have the profile of sRGB.
    private var changesNothing: Bool {
        let levels: [UInt8] = [0, 31, 64, 96, 128, 160, 192, 224, 255]
        let isGray = cmsGetTransformInputFormat(transform) == pentimento_gray_of_rgbx
        var before: [UInt8] = []
        for red in levels {
            for green in levels {
                for blue in levels { before += isGray ? [red, red, red, 255] : [red, green, blue, 255] }
            }
        }
        var after = before
        convert(&after)
        return zip(before, after).allSatisfy { abs(Int($0) - Int($1)) <= 1 }
    }

    /// Converts pixels of four bytes in place. The fourth byte of colors, alpha, stays as it is.
    func convert(_ pixels: inout [UInt8]) {
        let rows = 1 << 20
        pixels.withUnsafeMutableBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: rows) {
                let part = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(start + rows, bytes.count)])
                cmsDoTransform(transform, part.baseAddress, part.baseAddress, cmsUInt32Number(part.count / 4))
            }
        }
    }
}
