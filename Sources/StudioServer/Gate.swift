import Studio

/// Who may ask: requests of the page itself, and of programs that have the token where one is needed.
///
/// Other sites in the same browser are refused by their `Origin` and `Sec-Fetch-Site`, and a name that was made to lead
/// to this machine (DNS rebinding) by its `Host`.
struct Gate: Sendable {
    /// Names and addresses of this machine at which it is asked for, in lowercase.
    let hosts: Set<String>
    /// nil: none is needed.
    let token: String?
    /// Cookies are shared by all ports of a machine, so that the name has the port.
    let cookie: String

    init(hosts: Set<String>, token: String?, port: Int) {
        (self.hosts, self.token) = (Set(hosts.map { $0.lowercased() }), token)
        cookie = "pentimento-\(port)"
    }

    enum Verdict {
        /// - cookie: to be set in the answer.
        case pass(cookie: String?)
        case refused(status: Int, reason: String)
    }

    func verdict(on request: HTTPRequest) -> Verdict {
        guard let host = request.headers["host"]?.lowercased(), hosts.contains(Self.name(in: host)) else {
            return .refused(
                status: 403, reason: "this name does not stand for the studio; use the address that it prints")
        }
        if let origin = request.headers["origin"]?.lowercased(), origin != "http://\(host)" {
            return .refused(status: 403, reason: "requests of other sites are refused")
        }
        if let site = request.headers["sec-fetch-site"], site != "same-origin", site != "none" {
            // A link to the page is harmless: it cannot be shown in a frame.
            let isLink =
                request.headers["sec-fetch-mode"] == "navigate" && request.method == "GET" && request.path == [""]
            guard isLink else { return .refused(status: 403, reason: "requests of other sites are refused") }
        }
        guard let token else { return .pass(cookie: nil) }
        if let given = request.query["token"], Self.areEqual(given, token) {
            return .pass(cookie: "\(cookie)=\(token); Path=/; HttpOnly; SameSite=Strict")
        }
        let bearer = request.headers["authorization"].flatMap {
            $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil
        }
        for given in [bearer, Self.cookie(cookie, in: request.headers["cookie"] ?? "")] {
            if let given, Self.areEqual(given, token) { return .pass(cookie: nil) }
        }
        return .refused(status: 401, reason: "the token is missing or wrong; use the address that the studio prints")
    }

    /// The host without its port and the brackets of an IPv6 address.
    static func name(in host: String) -> String {
        if host.first == "[" { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    private static func cookie(_ name: String, in header: String) -> String? {
        for item in header.split(separator: ";") {
            let text = item.drop { $0 == " " }
            if text.hasPrefix(name + "=") { return String(text.dropFirst(name.count + 1)) }
        }
        return nil
    }

    /// Compares in a time that depends on the lengths alone.
    static func areEqual(_ one: String, _ other: String) -> Bool {
        let (first, second) = (Array(one.utf8), Array(other.utf8))
        guard first.count == second.count else { return false }
        var difference: UInt8 = 0
        for index in first.indices { difference |= first[index] ^ second[index] }
        return difference == 0
    }

    /// 128 random bits.
    static func randomToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<2).map { _ in String(generator.next() as UInt64, radix: 16) }
        return digits.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }
}
