import CGStreamer

/// A GstMeta type with the C layout `Content`.
///
/// The meta describes the whole frame: copying and scaling keep it; cropping, rotating and padding drop it.
public struct MetaType<Content>: @unchecked Sendable {
    private let information: UnsafePointer<GstMetaInfo>?

    /// - Parameters:
    ///   - apiName: name of the API type, such as `PentimentoFlowMetaAPI`.
    ///   - free: releases the meta's content.
    ///   - transform: GStreamer's transform function; see ``followsImage(_:_:)``.
    public init(
        apiName: String, free: @escaping GstMetaFreeFunction, transform: @escaping GstMetaTransformFunction
    ) {
        let name = "\(apiName)Implementation"
        // Another copy of this library in the process may have registered the type.
        if let known = gst_meta_get_info(name) {
            information = known.pointee.size == gsize(MemoryLayout<Content>.size) ? known : nil
            return
        }
        // With these tags, scaling elements call `transform`; cropping and rotating ones drop the meta.
        var tags: [UnsafePointer<CChar>?] = [
            staticCString("video"), staticCString("orientation"), staticCString("size"), nil,
        ]
        let api = gst_meta_api_type_register(apiName, &tags)
        information = gst_meta_register(
            api, name, gsize(MemoryLayout<Content>.size),
            { meta, _, _ in
                guard let meta, let size = meta.pointee.info?.pointee.size else { return 0 }
                // GStreamer initialises the header only.
                let header = MemoryLayout<GstMeta>.size
                (UnsafeMutableRawPointer(meta) + header).initializeMemory(
                    as: UInt8.self, repeating: 0, count: Int(size) - header)
                return 1
            }, free, transform)
    }

    /// A field of the content that holds a reference to a buffer.
    public typealias Payload = KeyPath<Content, UnsafeMutablePointer<GstBuffer>?>

    /// What a transform function does: gives a frame's copy, or its scaled image, a meta of the same content, with a
    /// reference to each of its payloads.
    ///
    /// - Returns: the new meta; nil if ``followsImage(_:_:)`` says no.
    @discardableResult
    public func copy(
        _ meta: UnsafeMutablePointer<GstMeta>?, to target: UnsafeMutablePointer<GstBuffer>?, _ type: GQuark,
        _ data: gpointer?, payloads: Payload...
    ) -> UnsafeMutablePointer<Content>? {
        guard let meta, let target, followsImage(type, data), let copy = attach(to: target) else { return nil }
        let header = MemoryLayout<GstMeta>.size
        (UnsafeMutableRawPointer(copy) + header).copyMemory(
            from: UnsafeRawPointer(meta) + header, byteCount: MemoryLayout<Content>.size - header)
        for payload in payloads { _ = retained(copy.pointee[keyPath: payload]) }
        return copy
    }

    /// What a free function does: releases the payloads of a meta.
    public static func release(_ meta: UnsafeMutablePointer<GstMeta>?, payloads: Payload...) {
        guard let content = content(of: meta) else { return }
        for payload in payloads { GStreamerKit.release(content.pointee[keyPath: payload]) }
    }

    /// A meta of this type as its content.
    public static func content(of meta: UnsafeMutablePointer<GstMeta>?) -> UnsafeMutablePointer<Content>? {
        meta.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Content.self) }
    }

    /// Adds an empty meta to a writable buffer.
    public func attach(to buffer: UnsafeMutablePointer<GstBuffer>) -> UnsafeMutablePointer<Content>? {
        guard let information, let meta = gst_buffer_add_meta(buffer, information, nil) else { return nil }
        return UnsafeMutableRawPointer(meta).assumingMemoryBound(to: Content.self)
    }

    /// The buffer's metas of this type in the order in which they were attached. Metas with the layout of another
    /// version of this library are left out.
    public func all(of buffer: UnsafeMutablePointer<GstBuffer>) -> [UnsafeMutablePointer<Content>] {
        headers(of: buffer).filter { $0.pointee.info.pointee.size == gsize(MemoryLayout<Content>.size) }.map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: Content.self)
        }
    }

    /// Removes the buffer's metas of this type, of any layout.
    public func removeAll(from buffer: UnsafeMutablePointer<GstBuffer>) {
        for meta in headers(of: buffer) { gst_buffer_remove_meta(buffer, meta) }
    }

    private func headers(of buffer: UnsafeMutablePointer<GstBuffer>) -> [UnsafeMutablePointer<GstMeta>] {
        guard let information else { return [] }
        var state: gpointer?
        var metas: [UnsafeMutablePointer<GstMeta>] = []
        while let meta = gst_buffer_iterate_meta_filtered(buffer, &state, information.pointee.api) {
            metas.append(meta)
        }
        return metas
    }
}

/// Whether a meta that describes the whole frame stays valid after a transformation.
///
/// True for copies of the whole buffer and for scaling that keeps the display aspect ratio. Otherwise there may be
/// black borders.
public func followsImage(_ type: GQuark, _ data: gpointer?) -> Bool {
    if pentimento_meta_is_copied(type) != 0 {
        guard let data else { return true }
        return data.assumingMemoryBound(to: GstMetaTransformCopy.self).pointee.region == 0
    }
    guard pentimento_meta_is_scaled(type) != 0,
        let transform = data?.assumingMemoryBound(to: GstVideoMetaTransform.self).pointee,
        let before = transform.in_info?.pointee, let after = transform.out_info?.pointee
    else { return false }
    if before.width == after.width && before.height == after.height { return true }
    // Compares with the size of equal display aspect ratio; a difference of up to one pixel is due to rounding.
    let shape = Double(before.width) * Double(before.par_n) / (Double(before.height) * Double(max(before.par_d, 1)))
    let width = Double(after.width) * Double(after.par_n) / Double(max(after.par_d, 1))
    let height = Double(after.height)
    return abs(width / shape - height) < 1 || abs(height * shape - width) < 1
}

/// Whether a transformation keeps the frame's width and height.
public func keepsSize(_ type: GQuark, _ data: gpointer?) -> Bool {
    guard pentimento_meta_is_scaled(type) != 0 else { return true }
    guard let transform = data?.assumingMemoryBound(to: GstVideoMetaTransform.self).pointee,
        let before = transform.in_info?.pointee, let after = transform.out_info?.pointee
    else { return false }
    return before.width == after.width && before.height == after.height
}

/// Adds a reference to a payload.
public func retained(_ buffer: UnsafeMutablePointer<GstBuffer>?) -> UnsafeMutablePointer<GstBuffer>? {
    if let buffer { gst_mini_object_ref(miniObject(buffer)) }
    return buffer
}

/// Releases a reference to a payload.
public func release(_ buffer: UnsafeMutablePointer<GstBuffer>?) {
    if let buffer { gst_mini_object_unref(miniObject(buffer)) }
}
