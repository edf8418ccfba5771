import Foundation
import MediaIO
import TestSupport
import Testing

/// A server of a clip by RTSP at 127.0.0.1, with GStreamer's library for it, which need not be there to build the tests.
final class RTSPServer: Sendable {
    let port: Int
    /// Ends it.
    private let end: @Sendable () -> Void

    var address: String { "rtsp://127.0.0.1:\(port)/clip" }

    private typealias Object = OpaquePointer

    private static func library() throws -> UnsafeMutableRawPointer {
        if let library = dlopen("libgstrtspserver-1.0.so.0", RTLD_NOW | RTLD_GLOBAL) { return library }
        try TestData.skip("no RTSP server; install libgstrtspserver-1.0-0")
    }

    /// - Parameters:
    ///   - clip: H.264 and AAC in MP4.
    ///   - port: nil: a free one.
    init(_ clip: String, port wanted: Int? = nil) throws {
        let library = try Self.library()
        startGStreamer()
        func function<Function>(_ name: String, as: Function.Type) throws -> Function {
            unsafeBitCast(try #require(dlsym(library, name)), to: Function.self)
        }
        let make = try function("gst_rtsp_server_new", as: (@convention(c) () -> Object?).self)
        let makeFactory = try function("gst_rtsp_media_factory_new", as: (@convention(c) () -> Object?).self)
        let points = try function(
            "gst_rtsp_server_get_mount_points", as: (@convention(c) (Object?) -> Object?).self)
        typealias SetText = @convention(c) (Object?, UnsafePointer<CChar>) -> Void
        let setService = try function("gst_rtsp_server_set_service", as: SetText.self)
        let setLaunch = try function("gst_rtsp_media_factory_set_launch", as: SetText.self)
        let add = try function(
            "gst_rtsp_mount_points_add_factory",
            as: (@convention(c) (Object?, UnsafePointer<CChar>, Object?) -> Void).self)
        let attach = try function("gst_rtsp_server_attach", as: (@convention(c) (Object?, Object?) -> UInt32).self)
        let makeLoop = try function("g_main_loop_new", as: (@convention(c) (Object?, Int32) -> Object?).self)
        let runLoop = try function("g_main_loop_run", as: (@convention(c) (Object?) -> Void).self)
        typealias Filter = @convention(c) (Object?, Object?, UnsafeMutableRawPointer?) -> UInt32
        let filterClients = try function(
            "gst_rtsp_server_client_filter",
            as: (@convention(c) (Object?, Filter?, UnsafeMutableRawPointer?) -> Object?).self)
        let removeSource = try function("g_source_remove", as: (@convention(c) (UInt32) -> Int32).self)
        port = try wanted ?? Port.free()
        let (server, factory) = (make(), makeFactory())
        setService(server, "\(port)")
        setLaunch(
            factory,
            "( filesrc location=\"\(clip)\" ! qtdemux name=demux demux.video_0 ! queue ! h264parse "
                + "! rtph264pay name=pay0 pt=96 demux.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )")
        add(points(server), "/clip", factory)
        let source = attach(server, nil)
        try #require(source != 0)
        nonisolated(unsafe) let listening = server
        end = {
            _ = removeSource(source)
            // 0 removes a client.
            _ = filterClients(listening, { _, _, _ in 0 }, nil)
        }
        nonisolated(unsafe) let loop = makeLoop(nil, 0)
        Thread.detachNewThread { runLoop(loop) }
    }

    /// Ends all connections, and lets nobody connect.
    func stop() { end() }
}
