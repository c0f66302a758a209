// The wire, as vectors describe it.

import Foundation
import Testing

@Suite("Wire conformance")
struct WireTests {
  /// Each vector is played twice on one server: its lines sent whole, and byte by byte.
  @Test("A vector's dialogue comes out as written, with every number of loops", arguments: try Vector.all(), [1, 2, 4])
  func vector(_ vector: Vector, loops: Int) throws {
    let secret = try vector.secret.map { try TemporaryFile($0) }
    let secretArguments = secret.map { ["--secret-file", $0.path + "?short"] } ?? []
    let server = try ServerProcess(vector.arguments + secretArguments + ["--loops", "\(loops)"])
    for segmentation in Segmentation.allCases {
      var player = VectorPlayer(vector, on: server, segmentation)
      let result = try player.play()
      #expect(result, "failed with its lines sent \(segmentation)", sourceLocation: vector.location(vector.line))
      guard result else { return }
    }
    #expect(server.process.isRunning)
  }

  @Test("Escapes and repetitions stand for the bytes that the format says")
  func escapes() {
    #expect(VectorText.bytes("a\\n\\r\\\\\\{\\x00\\xfF") == [97, 10, 13, 92, 123, 0, 255])
    #expect(VectorText.bytes("{ab*2}{\\x00*3}c") == [97, 98, 97, 98, 0, 0, 0, 99])
    for bad in ["\\q", "\\x0", "\\xgg", "{a*}", "{a", "\\"] { #expect(VectorText.bytes(bad) == nil) }
  }
}
