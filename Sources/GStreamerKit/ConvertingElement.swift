import CGStreamer

/// A ``TransformElement`` whose output frames have another size than its input. Output buffers come from downstream's
/// pool or one of its own, and keep the timestamps, flags and size-independent metas.
open class ConvertingElement: TransformElement, @unchecked Sendable {
    /// The format of output frames; nil before caps are known.
    public fileprivate(set) var outputFormat: VideoFormat?

    /// The output size for an input size, in square pixels.
    ///
    /// Called on any thread, also before the first frame, and repeatedly. Use ``TransformElement/startSettings``, so
    /// that the result is always the same.
    /// - Throws: an error if the size is not supported; posted on the bus when frames of that size arrive.
    open func outputSize(width: Int, height: Int) throws -> (width: Int, height: Int) { (width, height) }

    /// Called when the format changes, including the first format. Replaces ``TransformElement/formatChanged(to:)``.
    open func formatChanged(from input: VideoFormat, to output: VideoFormat) throws {}

    /// Fills a new output frame from an input frame, which is read-only. Objects that depend on properties are made
    /// when the format changes.
    open func convert(
        _ input: UnsafeMutablePointer<GstBuffer>, _ inputFormat: VideoFormat,
        to output: UnsafeMutablePointer<GstBuffer>, _ outputFormat: VideoFormat
    ) throws {}

    public final override func formatChanged(to format: VideoFormat) throws {}
}

// MARK: - GStreamer callbacks

private func convertingSide<Instance>(_ instance: UnsafeMutablePointer<Instance>?) -> ConvertingElement? {
    swiftSide(instance) as? ConvertingElement
}

/// Sets the class functions that differ from those of in-place elements.
func fillConvertingClass(_ type: UnsafeMutablePointer<GstBaseTransformClass>) {
    type.pointee.transform_ip = nil
    type.pointee.transform = { instance, input, output in
        guard let side = convertingSide(instance), let input, let output, let outputFormat = side.outputFormat else {
            return GST_FLOW_NOT_NEGOTIATED
        }
        return side.receive(input) { format, _ in
            try side.convert(input, format, to: output, outputFormat)
            return .forward
        }
    }
    type.pointee.transform_caps = { instance, direction, caps, filter in
        guard let side = convertingSide(instance), let caps else { return caps.map(anySize) }
        let result = direction == GST_PAD_SINK ? side.outputCaps(for: caps) : anySize(caps)
        guard let filter else { return result }
        defer { gst_mini_object_unref(miniObject(result)) }
        return gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST)
    }
    type.pointee.get_unit_size = { _, caps, size in
        guard let format = VideoFormat(caps) else { return 0 }
        size?.pointee = format.byteCount
        return 1
    }
    // Independent of the input's strides.
    type.pointee.transform_size = { _, _, _, _, otherCaps, otherSize in
        guard let format = VideoFormat(otherCaps) else { return 0 }
        otherSize?.pointee = format.byteCount
        return 1
    }
    type.pointee.set_caps = { instance, input, output in
        guard let side = convertingSide(instance), let inputFormat = VideoFormat(input),
            let outputFormat = VideoFormat(output)
        else { return 0 }
        let isWhole = side.succeeds {
            // Reports the errors of `outputSize`, which caps negotiation could not.
            let size = try side.outputSize(width: inputFormat.width, height: inputFormat.height)
            guard size == (outputFormat.width, outputFormat.height) else {
                throw ElementError(
                    .format,
                    "Frames of \(inputFormat.width)x\(inputFormat.height) become \(size.width)x\(size.height), where "
                        + "\(outputFormat.width)x\(outputFormat.height) is asked for.",
                    remedy: "Put a videoscale behind this element, or change its properties.")
            }
            side.begin(inputFormat, outputFormat)
            try side.formatChanged(from: inputFormat, to: outputFormat)
        }
        return isWhole ? 1 : 0
    }
    type.pointee.decide_allocation = { instance, query in
        if let query { choosePool(query) }
        let parent = parentClass(of: instance, as: GstBaseTransformClass.self)
        return parent?.pointee.decide_allocation?(instance, query) ?? 0
    }
    type.pointee.propose_allocation = { _, _, query in
        guard let query else { return 0 }
        // Any stride is supported.
        gst_query_add_allocation_meta(query, gst_video_meta_api_get_type(), nil)
        return 1
    }
}

/// Adds a pool of output frames to an allocation query that downstream has answered without one, and asks either pool
/// for the GstVideoMeta, as GstVideoFilter does. A pool drops metas when a buffer returns to it.
private func choosePool(_ query: UnsafeMutablePointer<GstQuery>) {
    var caps: UnsafeMutablePointer<GstCaps>?
    gst_query_parse_allocation(query, &caps, nil)
    // Larger frames are allocated one by one.
    guard let format = VideoFormat(caps), let needed = guint(exactly: format.byteCount) else { return }
    var pool: UnsafeMutablePointer<GstBufferPool>?
    var (size, least, most) = (guint(0), guint(0), guint(0))
    let hasAnswer = gst_query_get_n_allocation_pools(query) > 0
    if hasAnswer { gst_query_parse_nth_allocation_pool(query, 0, &pool, &size, &least, &most) }
    size = max(size, needed)
    let isOwn = pool == nil
    guard let pool = pool ?? gst_video_buffer_pool_new() else { return }
    defer { gst_object_unref(pool) }
    let configuration = gst_buffer_pool_get_config(pool)
    if isOwn { gst_buffer_pool_config_set_params(configuration, caps, size, least, most) }
    gst_buffer_pool_config_add_option(configuration, GST_BUFFER_POOL_OPTION_VIDEO_META)
    gst_buffer_pool_set_config(pool, configuration)
    if hasAnswer {
        gst_query_set_nth_allocation_pool(query, 0, pool, size, least, most)
    } else {
        gst_query_add_allocation_pool(query, pool, size, least, most)
    }
}

extension ConvertingElement {
    func begin(_ input: VideoFormat, _ output: VideoFormat) {
        outputFormat = output
        begin(input)
    }

    /// The output caps for input caps: the exact size if the input's is fixed, else any size.
    fileprivate func outputCaps(for caps: UnsafeMutablePointer<GstCaps>) -> UnsafeMutablePointer<GstCaps> {
        let result = anySize(caps)
        for index in 0..<gst_caps_get_size(caps) {
            guard let before = gst_caps_get_structure(caps, index), let after = gst_caps_get_structure(result, index),
                let width = StructureReader(before).integer("width"),
                let height = StructureReader(before).integer("height"),
                let size = try? outputSize(width: width, height: height)
            else { continue }
            let writer = StructureWriter(after)
            writer.set("width", size.width)
            writer.set("height", size.height)
        }
        return result
    }
}

/// A copy of caps with any size and square pixels.
private func anySize(_ caps: UnsafeMutablePointer<GstCaps>) -> UnsafeMutablePointer<GstCaps> {
    let result = gst_caps_copy(caps) ?? gst_caps_new_empty()
    guard let result else { return caps }
    for index in 0..<gst_caps_get_size(result) {
        guard let structure = gst_caps_get_structure(result, index) else { continue }
        gst_structure_remove_field(structure, "pixel-aspect-ratio")
        StructureWriter(structure).set("width", 1...Int(gint.max))
        StructureWriter(structure).set("height", 1...Int(gint.max))
    }
    return result
}
