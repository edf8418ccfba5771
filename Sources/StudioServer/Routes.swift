import Studio

/// What is answered at an address.
struct Route: Sendable {
    typealias Answer = @Sendable (_ request: HTTPRequest, _ names: [String]) async throws -> HTTPResponse

    let method: String
    /// As in OpenAPI: a part in braces stands for any name.
    let path: String
    let answer: Answer

    init(_ method: String, _ path: String, _ answer: @escaping Answer) {
        (self.method, self.path, self.answer) = (method, path, answer)
    }

    /// The names in the path; nil if it is another one.
    func names(in path: [String]) -> [String]? {
        let parts = self.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == path.count else { return nil }
        var names: [String] = []
        for (part, given) in zip(parts, path) {
            if part.first == "{", let end = part.firstIndex(of: "}") {
                let suffix = part[part.index(after: end)...]
                guard given.hasSuffix(suffix), given.count > suffix.count else { return nil }
                names.append(String(given.dropLast(suffix.count)))
            } else if part != given {
                return nil
            }
        }
        return names
    }
}

/// Why a request has no other answer.
struct RouteProblem: Error {
    let status: Int
    let reason: String
}

/// All that the studio answers.
struct Routes: Sendable {
    let all: [Route]

    init(store: StudioStateStore, painting: any LivePainting, previews: PreviewHub, thumbnails: Thumbnails) {
        let events = EventStream(store: store, painting: painting)
        all =
            [
                Route("GET", "/") { _, _ in HTTPResponse(type: "text/html; charset=utf-8", PackageResources.Studio_html)
                },
                Route("GET", "/openapi.json") { _, _ in
                    HTTPResponse(type: "application/json", PackageResources.openapi_json)
                },
                Route("GET", "/state") { _, _ in .json(store.snapshot) },
                Route("PATCH", "/state") { request, _ in
                    .json(try store.change(StateChange(json: request.body), at: try Self.moment(in: request)))
                },
                Route("GET", "/events") { _, _ in events.response },
                Route("GET", "/statistics") { _, _ in .json(painting.statistics) },
                Route("GET", "/styles") { _, _ in .json(painting.styles) },
                Route("GET", "/masks") { _, _ in .json(painting.masks) },
                Route("GET", "/osc") { _, _ in .json(OSCAddresses.all) },
                Route("GET", "/preview.mjpg") { _, _ in .moving(previews) },
                Route("GET", "/preview.jpg") { request, _ in
                    let picture = try await previews.picture(after: request.query["after"].flatMap { Int($0) })
                    var response = HTTPResponse(type: "image/jpeg", picture.jpeg)
                    response.headers.append(("Picture", "\(picture.number)"))
                    return response
                },
                Route("GET", "/thumbnails/{style}.jpg") { _, names in
                    guard painting.styles.contains(where: { $0.name == names[0] }) else {
                        throw RouteProblem(status: 404, reason: "there is no such style; GET /styles lists them")
                    }
                    do { return HTTPResponse(type: "image/jpeg", try await thumbnails.picture(of: names[0])) } catch {
                        throw RouteProblem(status: 503, reason: "\(error)")
                    }
                },
                Route("POST", "/snapshot") { _, _ in
                    .json(["path": try await limited(to: 10, "snapshot") { try await painting.snapshot() }])
                },
                Route("POST", "/tap") { _, _ in .json(store.tap()) },
            ] + Self.presets(store)
    }

    private static func presets(_ store: StudioStateStore) -> [Route] {
        [
            Route("GET", "/presets") { _, _ in .json(store.snapshot.presets) },
            Route("GET", "/presets/{name}") { _, names in .json(try preset(names[0], store)) },
            Route("PUT", "/presets/{name}") { request, names in
                let change = request.body.isEmpty ? nil : try StateChange(json: request.body)
                try store.savePreset(names[0], change)
                return .json(store.snapshot.presets)
            },
            Route("DELETE", "/presets/{name}") { _, names in
                guard try store.removePreset(names[0]) else { throw missing }
                return .json(store.snapshot.presets)
            },
            Route("POST", "/presets/{name}/apply") { request, names in
                .json(try store.change(preset(names[0], store), at: try moment(in: request)))
            },
        ]
    }

    private static let missing = RouteProblem(status: 404, reason: "there is no such preset; GET /presets lists them")

    private static func preset(_ name: String, _ store: StudioStateStore) throws -> StateChange {
        guard let preset = try store.preset(name) else { throw missing }
        return preset
    }

    /// `?when=now`, `beat` or `bar`.
    private static func moment(in request: HTTPRequest) throws -> BeatClock.Moment {
        guard let text = request.query["when"] else { return .now }
        guard let moment = BeatClock.Moment(rawValue: text) else {
            throw RouteProblem(status: 400, reason: "when: give now, beat or bar")
        }
        return moment
    }

    /// The answer to a request that may ask.
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let matches = all.compactMap { route in route.names(in: request.path).map { (route: route, names: $0) } }
        guard !matches.isEmpty else {
            return .problem(404, "there is nothing at this address; GET /openapi.json lists all there is")
        }
        guard let match = matches.first(where: { $0.route.method == request.method }) else {
            var response = HTTPResponse.problem(405, "this address takes other methods; GET /openapi.json lists them")
            response.headers.append(("Allow", matches.map(\.route.method).joined(separator: ", ")))
            return response
        }
        do { return try await match.route.answer(request, match.names) } catch let problem as RouteProblem {
            return .problem(problem.status, problem.reason)
        } catch let error as StudioError {
            return .problem(400, error.description)
        } catch { return .problem(500, "\(error)") }
    }
}
