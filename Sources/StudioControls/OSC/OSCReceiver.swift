import Glibc
import Studio

/// Receives Open Sound Control over UDP, and has the studio do what it asks for.
package final class OSCReceiver: Sendable {
    /// The port that it listens at.
    package let port: UInt16
    private let socket: Int32
    private let studio: ControlledStudio
    private let thread = ControlThread()

    private static let sender = "OSC"
    /// Packets that are read before what they ask for is done.
    private static let packetsAtOnce = 256

    /// Listens from now on until ``stop()``.
    ///
    /// - Parameters:
    ///   - address: an IPv4 address of this machine: by default nothing outside it can send. OSC knows no passwords.
    ///   - port: 0: any that is free.
    /// - Throws: ``StudioError`` if the address is none of this machine's, or the port is in use.
    package init(address: String = "127.0.0.1", port: UInt16, studio: ControlledStudio) throws(StudioError) {
        self.studio = studio
        (socket, self.port) = try Self.open(address, port)
        try thread.start { [socket, studio, thread] in Self.listen(socket, for: studio, while: thread) }
    }

    /// Stops. Nothing is done afterwards.
    package func stop() { thread.stop() }

    deinit {
        thread.stop()
        close(socket)
    }

    private static func open(_ address: String, _ port: UInt16) throws(StudioError) -> (socket: Int32, port: UInt16) {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &place.sin_addr) == 1 else {
            throw StudioError("OSC: “\(address.prefix(60))” is no IPv4 address, such as 127.0.0.1, or 0.0.0.0 for all")
        }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw StudioError("OSC: no socket: \(String(cString: strerror(errno)))") }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(socket, place, length) == 0 ? getsockname(socket, place, &length) : -1
            }
        }
        guard status == 0 else {
            let (code, reason) = (errno, String(cString: strerror(errno)))
            close(socket)
            throw StudioError(
                code == EADDRINUSE
                    ? "OSC: UDP port \(port) is in use; give another one, or stop the program that listens there"
                    : "OSC: cannot listen at \(address), UDP port \(port): \(reason)")
        }
        return (socket, UInt16(bigEndian: place.sin_port))
    }

    private static func listen(_ socket: Int32, for studio: ControlledStudio, while thread: ControlThread) {
        while thread.goesOn {
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, ControlThread.patience) > 0 else { continue }
            var actions: [StudioAction] = []
            for _ in 0..<packetsAtOnce {
                guard let packet = receive(socket) else { break }
                actions += Self.actions(of: packet) { studio.say($0, of: sender) }
            }
            studio.perform(actions, from: sender)
        }
    }

    /// A packet that has arrived; nil: there is none.
    private static func receive(_ socket: Int32) -> [UInt8]? {
        var isThere = true
        let bytes = [UInt8](unsafeUninitializedCapacity: OSCPacket.largestSize + 1) { buffer, count in
            let size = recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            isThere = size >= 0
            count = max(size, 0)
        }
        return isThere ? bytes : nil
    }

    /// What a packet asks for.
    ///
    /// - Parameter report: gets what is wrong with the packet or with a message in it.
    package static func actions(of packet: [UInt8], report: (String) -> Void) -> [StudioAction] {
        do throws(OSCError) {
            return try OSCPacket.messages(of: packet).compactMap { message in
                do throws(StudioError) {
                    return try OSCAddresses.action(message.address, message.arguments.first?.value)
                } catch {
                    report(error.description)
                    return nil
                }
            }
        } catch {
            report("a packet is ignored: \(error)")
            return []
        }
    }
}
