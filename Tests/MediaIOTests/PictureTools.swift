import Foundation
import TestSupport

/// What other programs say about pictures.
enum PictureTools {
    /// The samples of a picture as ffmpeg reads them: red, green, blue and alpha.
    static func pixels(of path: String) throws -> [UInt8] {
        try [UInt8](Peer.run("ffmpeg", "", ["-i", path, "-f", "rawvideo", "-pix_fmt", "rgba", "-"]))
    }

    static func bytes(_ base64: some StringProtocol) -> [UInt8] {
        Data(base64Encoded: String(base64)).map(Array.init) ?? []
    }
}
