import CGStreamer

/// What stops an element: becomes an error message on the bus, as `GST_ELEMENT_ERROR` posts it.
public struct ElementError: Error, CustomStringConvertible {
    /// GStreamer's error domain and code.
    public enum Kind: Sendable {
        /// A file or device that is not there.
        case notFound
        /// A file that cannot be read.
        case read
        /// A property or model that cannot be used.
        case settings
        /// Frames of a format that the element does not take.
        case format
        /// Data that is damaged or does not fit.
        case decode
        /// Files of the element's own that cannot be written, as on a full disk.
        case store
        /// Anything else that fails while frames are processed.
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

    public let kind: Kind
    /// What is wrong, and where.
    public let cause: String
    /// What the user can do about it.
    public let remedy: String

    public init(_ kind: Kind, _ cause: String, remedy: String) {
        self.kind = kind
        self.cause = cause
        self.remedy = remedy
    }

    /// Any error as one of these.
    public init(_ error: any Error) {
        self = error as? ElementError ?? ElementError(.failed, "\(error)", remedy: "")
    }

    public var description: String { remedy.isEmpty ? cause : "\(cause) \(remedy)" }
}

/// Ends streaming without a message: nothing is wrong, or what is wrong has been said already.
public struct StreamingEnds: Error {
    /// What the element upstream learns.
    public let flow: GstFlowReturn

    public init(_ flow: GstFlowReturn) { self.flow = flow }
}

/// What a message on the bus means for the pipeline.
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
        // GStreamer takes both strings over.
        gst_element_message_full(
            element, severity.type, domain, code, g_strdup(error.description), g_strdup(error.cause),
            factoryName, function, gint(clamping: line))
    }
}
