// Answering whoever collects metrics, and whoever asks after the server's health.

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
    connection.write(bytes: Array(response(to: first).text.utf8))
    connection.finish()
  }

  private mutating func nextLine(_ watch: Stopwatch) -> String? {
    let passed = UInt32(clamping: watch.microseconds / 1000)
    guard passed < Self.requestTime,
      case .line(let line) = connection.line(limit: HTTPRequest.longestLine, within: Self.requestTime - passed)
    else { return nil }
    return line
  }

  private func response(to line: String) -> HTTPResponse {
    guard let request = HTTPRequest(line) else {
      return HTTPResponse(status: .badRequest, body: "this is no request\n")
    }
    var response: HTTPResponse
    switch (request.path, request.method) {
    case ("/metrics", "GET"), ("/metrics", "HEAD"): response = HTTPResponse(body: metrics())
    case ("/healthz", "GET"), ("/healthz", "HEAD"): response = health()
    case ("/metrics", _), ("/healthz", _): response = HTTPResponse(status: .notAllowed, body: "GET or HEAD\n")
    default: response = HTTPResponse(status: .notFound, body: "/metrics or /healthz\n")
    }
    response.isHeadOnly = request.method == "HEAD"
    return response
  }

  private func metrics() -> String {
    MetricsPage(
      counts: hub.counts(), process: ProcessFacts(), context: server.context,
      maxConnections: hub.admissions.limit,
      dates: hub.tls?.dates ?? [], reload: hub.reloadStatus.figures, isDraining: hub.isDraining,
      linesLost: hub.log.linesLost,
      admins: server.admins.load(ordering: .relaxed), collectors: server.collectors.load(ordering: .relaxed),
      adminsRefused: server.refused.load(ordering: .relaxed), reserve: hub.admissions.reserve
    ).text
  }

  private func health() -> HTTPResponse {
    guard !hub.isDraining else {
      return HTTPResponse(status: .unavailable, body: "draining\n")
    }
    let answers = hub.askAll(Array(0..<hub.loops), within: Self.healthTime) { _ in true }
    let stuck = answers.indices.filter { answers[$0] == nil }
    guard stuck.isEmpty else {
      return HTTPResponse(status: .unavailable, body: stuck.map { "loop=\($0) stuck\n" }.joined())
    }
    // The server serves as well as before, so it is well: to fail over for it would help nobody. But it is said.
    return HTTPResponse(body: "ok\n" + (hub.reloadStatus.figures.complaint.map { "\($0)\n" } ?? ""))
  }
}
