// Man pages.

import CommandLineTools
import Testing

@Suite("Man pages")
struct ManualPageTests {
  @Test("Terms, sentences, code and what would be a macro are written as mdoc has them")
  func source() {
    var page = ManualPage("tool", description: "does things", synopsis: ["[OPTION]... FILE"])
    page.section("Options")
    page.list([("-f, --file FILE", ["Reads a file. `a-b` is code, \\n is not.", ".dots and 'quotes"])])
    page.sublist([("more", ["Text."])])
    page.example([".x -y"])
    let lines = page.text.split(separator: "\n").map(String.init)
    #expect(lines[2] == ".Dt TOOL 1" && lines[3] == ".Os ssmpd \(ProductVersion.text)")
    #expect(
      Array(lines[4...9]) == [".Sh NAME", ".Nm tool", ".Nd does things", ".Sh SYNOPSIS", ".Nm", "[OPTION]... FILE"])
    #expect(
      Array(lines[10...]) == [
        ".Sh OPTIONS", ".Bl -tag -width Ds", ".It Cm \\-f, Cm \\-\\-file Ar FILE", "Reads a file.",
        "\\fBa\\-b\\fR is code, \\en is not.", ".Pp", "\\&.dots and 'quotes", ".Bl -tag -width Ds",
        ".It Cm more",
        "Text.", ".El", ".El", ".Bd -literal -offset indent", "\\&.x \\-y", ".Ed",
      ])
  }
}
