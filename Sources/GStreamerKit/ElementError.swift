import CGStreamer

/// An element's error, posted on the bus like with `GST_ELEMENT_ERROR`.
public struct ElementError: Error, CustomStringConvertible {
    /// GStreamer's error domain and code.
    public enum Kind: Sendable {
        /// A missing file or device.
        case notFound
        /// A file that cannot be read.
        case read
        /// An invalid property or model.
        case settings
        /// Frames in an unsupported format.
        case format
        /// Data that is damaged or has the wrong size.
        case decode
        /// Files that the element cannot write, for example because the disk is full.
        case store
        /// Any other failure while frames are processed.
        case failed

        var domainAndCode: (GQuark, gint) {
            switch self {
            case .notFound: (gst_resource_error_quark(), gint(GST_RESOURCE_ERROR_NOT_FOUND.rawValue))
            case .read: (gst_resource_error_quark(), gint(GST_RESOURCE_ERROR_READ.rawValue))
            case .settings: (gst_library_error_quark(), gint(GST_LIBRARY_ERROR_SETTINGS.rawValue))
            case .format: (gst_stream_error_quark(), gint(GST_STREAM_ERROR_FORMAT.rawValue))
            case .decode: (gst_stream_error_quark(), gint(GST_STREAM_ERROR_DECODE.rawValue))
            case .store: (gst_resource_error_quark(), gint(GST_RESOURCE_ERROR_FAILED.rawValue))
            case .failed: (gst_stream_error_quark(), gint(GST_STREAM_ERROR_FAILED.rawValue))
            }
        }
    }

    /// Kind of the error.
    public let kind: Kind
    /// What is wrong, and where.
    public let cause: String
    /// What the user can do about it.
    public let remedy: String

    /// - Parameter remedy: one sentence; empty: there is none.
    public init(_ kind: Kind, _ cause: String, remedy: String) {
        self.kind = kind
        self.cause = cause
        self.remedy = remedy
    }

    /// Wraps any error; those of another type get the kind ``Kind/failed``.
    public init(_ error: any Error) {
        self = error as? ElementError ?? ElementError(.failed, "\(error)", remedy: "")
    }

    /// Cause and remedy.
    public var description: String { remedy.isEmpty ? cause : "\(cause) \(remedy)" }
}

/// Ends streaming without an error message, because there is no error or it was already posted.
public struct StreamingEnds: Error {
    /// The flow return for the element upstream.
    public let flow: GstFlowReturn

    /// - Parameter flow: such as `GST_FLOW_FLUSHING`, or what the element downstream returned.
    public init(_ flow: GstFlowReturn) { self.flow = flow }
}

/// Severity of a message on the bus.
public enum MessageSeverity: Sendable {
    case error, warning, info

    var type: GstMessageType {
        switch self {
        case .error: GST_MESSAGE_ERROR
        case .warning: GST_MESSAGE_WARNING
        case .info: GST_MESSAGE_INFO
        }
    }
}

extension Element {
    /// Posts a message on the bus, as `GST_ELEMENT_ERROR`, `_WARNING` and `_INFO` do.
    public func post(
        _ severity: MessageSeverity, _ error: ElementError, line: Int = #line, function: String = #function
    ) {
        let (domain, code) = error.kind.domainAndCode
        // GStreamer takes ownership of both strings.
        gst_element_message_full(
            element, severity.type, domain, code, g_strdup(error.description), g_strdup(error.cause),
            factoryName, function, gint(clamping: line))
    }
}
