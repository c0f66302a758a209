// What the console's lines look like.

import SSMPClient
import Testing

@testable import ssmp

@Suite("Lines that the console prints")
struct ConsoleTextTests {
  private func response(_ text: ConsoleText, _ response: SSMPClient.Response) -> String {
    String(decoding: text.line(response), as: UTF8.self)
  }

  @Test("A hostile payload of a response is guarded on a terminal, and as it is in a pipe")
  func hostile() {
    let refused = SSMPClient.Response(code: 405, payload: "\u{1b}]0;x\u{7}")
    let terminal = ConsoleText(OutputSettings(), isTerminal: true, isInteractive: false, hasColor: false)
    #expect(response(terminal, refused) == "405 Not Allowed: \\u{1b}]0;x\\u{7}")
    let pipe = ConsoleText(OutputSettings(), isTerminal: false, isInteractive: false, hasColor: false)
    #expect(response(pipe, refused) == "405 Not Allowed: \u{1b}]0;x\u{7}")
    let raw = ConsoleText(OutputSettings(isRaw: true), isTerminal: true, isInteractive: false, hasColor: false)
    #expect(response(raw, refused) == "405 Not Allowed: \u{1b}]0;x\u{7}")
  }

  @Test("A person sees the time and colors, and no colors with NO_COLOR")
  func colors() {
    let coloured = ConsoleText(OutputSettings(), isTerminal: true, isInteractive: true, hasColor: true)
    #expect(response(coloured, .init(code: 200)).hasSuffix(" \u{1b}[32m200 OK\u{1b}[0m"))
    let plain = ConsoleText(OutputSettings(), isTerminal: true, isInteractive: true, hasColor: false)
    let line = response(plain, .init(code: 404))
    #expect(line.hasSuffix("Z 404 Not Found") && !line.contains("\u{1b}"))
  }

  @Test("JSON has an object for each line")
  func json() {
    let text = ConsoleText(OutputSettings(form: .json), isTerminal: false, isInteractive: false, hasColor: false)
    #expect(response(text, .init(code: 501)).hasSuffix("\"code\":501}"))
    #expect(String(decoding: text.line(pongAfter: 1), as: UTF8.self).hasSuffix("\"verb\":\"PONG\"}"))
    #expect(
      String(decoding: text.line(members: ["amy", "bob"], of: "t"), as: UTF8.self)
        == "{\"topic\":\"t\",\"members\":[\"amy\",\"bob\"]}")
  }
}
