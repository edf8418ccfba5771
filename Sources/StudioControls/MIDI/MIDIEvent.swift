/// What a controller sends. Channels are 1 to 16, as on the controllers; values 0 to 127.
package enum MIDIEvent: Equatable, Sendable {
    case control(channel: Int, number: Int, value: Int)
    /// `velocity` 0: the key is released.
    case note(channel: Int, number: Int, velocity: Int)
    case program(channel: Int, number: Int)
}
