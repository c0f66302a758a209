// One fuzz input as lines to the admin socket, and as a request in HTTP.

import FuzzHarness

@testable import ssmpd

/// Reads an input as lines of an operator: each is a command, or one message says what would be.
func fuzzAdmin(_ input: [UInt8]) throws {
  for line in input.split(separator: 10, omittingEmptySubsequences: false) {
    let text = String(decoding: line.prefix(AdminCommand.longestLine), as: UTF8.self)
    do throws(AdminError) {
      let command = try AdminCommand(text)
      try? check(AdminCommand(text) == command, "reading twice makes a difference")
    } catch {
      try checkMessages(["\(error)"], atMost: 1)
    }
  }
}

/// Reads an input as the head of a request in HTTP.
func fuzzHTTP(_ input: [UInt8]) throws {
  for line in input.split(separator: 10, omittingEmptySubsequences: false).prefix(HTTPRequest.mostLines) {
    guard let request = HTTPRequest(String(decoding: line.prefix(HTTPRequest.longestLine), as: UTF8.self)) else {
      continue
    }
    try check(!request.method.isEmpty && !request.method.contains(" "), "the method \(request.method)")
    try check(request.path.hasPrefix("/") && !request.path.contains(" "), "the path \(request.path)")
    try check(!request.path.contains("?"), "the path \(request.path) has a query")
    let again = HTTPRequest("\(request.method) \(request.path) HTTP/1.1")
    try check(again == request, "\(request) is read as something else")
  }
}
