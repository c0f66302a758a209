// Answering collectors of metrics and health checks over HTTP.

import SSMPTransport
import Synchronization

extension AdminSession {
  /// How long a request may take to come.
  private static let requestTime: UInt32 = 5_000
  /// How long a loop may take to answer before the server counts as ill.
  private static let healthTime: UInt32 = 1_000

  /// Answers one request, and ends.
  ///
  /// - Parameter start: its first line, when that has come already.
  mutating func answerHTTP(_ start: String? = nil) {
    let watch = Stopwatch()
    guard let first = start ?? nextLine(watch) else { return }
    for number in 0... {
      guard number < HTTPRequest.mostLines, let line = nextLine(watch) else { return }
      if line.isEmpty { break }
    }
    // Also when the place was taken at the last moment: what is complete is answered.
    _ = connection.beginAnswer()
    let text = response(to: first).text
    connection.finish(with: Array(text.utf8))
  }

  private mutating func nextLine(_ watch: Stopwatch) -> String? {
    let passed = UInt32(clamping: watch.microseconds / 1000)
    guard passed < Self.requestTime,
      case .line(let line) = connection.part(limit: HTTPRequest.longestLine, within: Self.requestTime - passed)
    else { return nil }
    return line
  }

  private func response(to line: String) -> HTTPResponse {
    guard let request = HTTPRequest(line) else {
      return HTTPResponse(status: .badRequest, body: "this is no request\n")
    }
    var response: HTTPResponse
    switch request.path {
    case "/metrics", "/healthz", "/status.json":
      guard ["GET", "HEAD"].contains(request.method) else {
        return HTTPResponse(status: .notAllowed, body: "GET or HEAD\n")
      }
      response = answer(request.path)
    default: response = HTTPResponse(status: .notFound, body: "/metrics, /healthz or /status.json\n")
    }
    response.isHeadOnly = request.method == "HEAD"
    return response
  }

  private func answer(_ path: String) -> HTTPResponse {
    switch path {
    case "/metrics": return HTTPResponse(body: metrics(hub.counts(), ProcessFacts()).text)
    case "/status.json":
      // Both parts are of the same moment.
      let (counts, process) = (hub.counts(), ProcessFacts())
      let page = StatusPage(stats: stats(counts, process), metrics: metrics(counts, process))
      return HTTPResponse(type: .json, body: page.text)
    default: return health()
    }
  }

  private func metrics(_ counts: ServerCounts, _ process: ProcessFacts) -> MetricsText {
    MetricsPage(
      counts: counts, process: process, context: server.context,
      maxConnections: hub.admissions.limit,
      dates: hub.tls?.dates ?? [], reload: hub.reloadStatus.figures, isDraining: hub.isDraining,
      linesLost: hub.log.linesLost, admins: server.admins.count, collectors: server.collectors.count,
      adminsRefused: server.refused.load(ordering: .relaxed), reserve: hub.admissions.reserve
    ).families
  }

  private func health() -> HTTPResponse {
    guard !hub.isDraining else {
      return HTTPResponse(status: .unavailable, body: "draining=true\n")
    }
    let answers = hub.askAll(Array(0..<hub.loops), within: Self.healthTime) { _ in true }
    let stuck = answers.indices.filter { answers[$0] == nil }
    guard stuck.isEmpty else {
      return HTTPResponse(status: .unavailable, body: stuck.map { "loop=\($0) stuck=true\n" }.joined())
    }
    // The server serves as well as before, so it is well: to fail over for it would help nobody. But it is said.
    return HTTPResponse(body: "ok\n" + (hub.reloadStatus.figures.complaint.map { "\($0)\n" } ?? ""))
  }
}
