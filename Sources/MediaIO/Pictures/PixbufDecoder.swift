import CPictures

/// Reads pictures, and GIF animations, with the loaders that GdkPixbuf has on this machine.
final class PixbufDecoder: PictureDecoder {
    private let path: String
    /// Of an animation.
    private let bytes: [UInt8]
    let width: Int
    let height: Int
    let durations: [Int64]
    let pageCount: Int
    /// Whether the loader gives colors multiplied by alpha.
    private let isPremultiplied: Bool
    /// Of the pictures that were read so far: loaders tell it with them.
    private(set) var orientation = 1
    private(set) var profile: [UInt8]?
    /// Of an animation, with the time since its start in milliseconds.
    private var animation: (frames: OpaquePointer, time: Int)?

    /// - Parameters:
    ///   - kind: nil if unknown.
    ///   - bytes: of the file.
    /// - Returns: nil if no loader knows the file.
    init?(_ path: String, _ kind: PictureKind?, _ bytes: [UInt8]) {
        var (width, height) = (Int32(0), Int32(0))
        guard gdk_pixbuf_get_file_info(path, &width, &height) != nil, width > 0, height > 0 else { return nil }
        self.path = path
        (self.width, self.height) = (Int(width), Int(height))
        isPremultiplied = kind == .tiff
        // A TIFF file has the structure of Exif's metadata.
        if kind == .tiff { orientation = exifOrientation(bytes[...]) }
        pageCount = kind == .tiff ? tiffPageCount(bytes) : kind == .pnm ? pnmPictureCount(bytes) : 1
        let found = kind == .gif ? gifDurations(bytes) ?? [] : []
        durations = found.count > 1 ? found : []
        self.bytes = durations.isEmpty ? [] : bytes
    }

    deinit {
        if let animation { g_object_unref(UnsafeMutableRawPointer(animation.frames)) }
    }

    func next() throws(MediaError) -> Picture {
        if !durations.isEmpty { return try nextFrame() }
        var failure: UnsafeMutablePointer<GError>?
        defer { g_clear_error(&failure) }
        guard let pixbuf = gdk_pixbuf_new_from_file(path, &failure) else { throw error(failure) }
        defer { g_object_unref(UnsafeMutableRawPointer(pixbuf)) }
        orientation = gdk_pixbuf_get_option(pixbuf, "orientation").flatMap { Int(String(cString: $0)) } ?? 1
        if let text = gdk_pixbuf_get_option(pixbuf, "icc-profile") {
            var size: gsize = 0
            let bytes = g_base64_decode(text, &size)
            profile = Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
            g_free(bytes)
        }
        var picture = try picture(of: pixbuf)
        // Some loaders always add alpha.
        picture.hasAlpha = picture.hasAlpha && !picture.isOpaque
        if isPremultiplied && picture.hasAlpha { picture.divideByAlpha() }
        return picture
    }

    /// Endings of the file names of all formats for which there is a loader.
    static var loaderEndings: Set<String> {
        var endings: Set<String> = []
        let formats = gdk_pixbuf_get_formats()
        defer { g_slist_free(formats) }
        var item = formats
        while let format = item {
            if let names = gdk_pixbuf_format_get_extensions(OpaquePointer(format.pointee.data)) {
                var index = 0
                while let name = names[index] {
                    endings.insert(String(cString: name))
                    index += 1
                }
                g_strfreev(names)
            }
            item = format.pointee.next
        }
        return endings
    }

    private func nextFrame() throws(MediaError) -> Picture {
        if let (frames, time) = animation {
            let step = gdk_pixbuf_animation_iter_get_delay_time(frames)
            let next = time + max(Int(step), 1)
            pentimento_animation_advance(frames, next)
            animation = (frames, next)
        } else {
            animation = (try firstFrame(), 0)
        }
        guard let animation, let pixbuf = gdk_pixbuf_animation_iter_get_pixbuf(animation.frames) else {
            throw error(nil)
        }
        var picture = try picture(of: pixbuf)
        // The loader always adds alpha.
        picture.hasAlpha = picture.hasAlpha && !picture.isOpaque
        return picture
    }

    /// Loads from memory, since the loader for files prints what it does not like.
    private func firstFrame() throws(MediaError) -> OpaquePointer {
        guard let loader = gdk_pixbuf_loader_new() else { throw error(nil) }
        defer { g_object_unref(loader) }
        var failure: UnsafeMutablePointer<GError>?
        defer { g_clear_error(&failure) }
        // It must be closed in any case.
        let isRead = gdk_pixbuf_loader_write(loader, bytes, gsize(bytes.count), &failure) != 0
        let isClosed = isRead ? gdk_pixbuf_loader_close(loader, &failure) : gdk_pixbuf_loader_close(loader, nil)
        guard isRead, isClosed != 0, let file = gdk_pixbuf_loader_get_animation(loader),
            let first = pentimento_animation_start(file)
        else { throw error(failure) }
        return first
    }

    private func error(_ failure: UnsafeMutablePointer<GError>?) -> MediaError {
        .notMedia(path, failure.map { String(cString: $0.pointee.message) })
    }

    private func picture(of pixbuf: OpaquePointer) throws(MediaError) -> Picture {
        let (width, height) = (Int(gdk_pixbuf_get_width(pixbuf)), Int(gdk_pixbuf_get_height(pixbuf)))
        let (channels, stride) = (Int(gdk_pixbuf_get_n_channels(pixbuf)), Int(gdk_pixbuf_get_rowstride(pixbuf)))
        guard let bytes = gdk_pixbuf_read_pixels(pixbuf), channels == 3 || channels == 4 else { throw error(nil) }
        return try Picture(width: width, height: height, hasAlpha: channels == 4) { pixels throws(MediaError) in
            for y in 0..<height {
                let (row, target) = (bytes + y * stride, y * width * 4)
                for x in 0..<width {
                    for channel in 0..<3 { pixels[target + x * 4 + channel] = row[x * channels + channel] }
                    pixels[target + x * 4 + 3] = channels == 4 ? row[x * 4 + 3] : 255
                }
            }
        }
    }
}
