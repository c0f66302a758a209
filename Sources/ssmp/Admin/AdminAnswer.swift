// Commands of the admin socket, and their answers.

import CommandLineTools

extension AdminConnection {
  /// Asks one command.
  ///
  /// - Parameters:
  ///   - milliseconds: the longest wait for each line; `nil` for any time.
  ///   - each: is given each line of the answer but the last, at once.
  /// - Returns: the keys of the last line: `count`, for example.
  /// - Throws: `Failure` with the code 1 and the server's words if the answer is an error.
  @discardableResult
  func ask(
    _ command: String, within milliseconds: UInt32? = patience, each: ([UInt8]) throws -> Void
  ) throws -> AdminLine {
    try send(command + "\n")
    while let line = try line(within: milliseconds) {
      if line == Array("ok".utf8) || line.starts(with: "ok ".utf8) { return AdminLine(line.dropFirst(3)) }
      if line.starts(with: "error: ".utf8) {
        throw Failure(.refused, EventPrinter.guarded(Array(line.dropFirst("error: ".utf8.count))))
      }
      try each(line)
    }
    throw lost()
  }

  /// Asks one command whose answer is not long, and returns all lines but the last.
  func ask(_ command: String, within milliseconds: UInt32? = patience) throws -> AdminAnswer {
    var lines: [AdminLine] = []
    let summary = try ask(command, within: milliseconds) { lines.append(AdminLine($0[...])) }
    return AdminAnswer(lines: lines, summary: summary)
  }
}

/// The answer to a command that has been carried out.
struct AdminAnswer {
  /// All lines but the last.
  var lines: [AdminLine]
  /// The keys of the last line.
  var summary: AdminLine
}
