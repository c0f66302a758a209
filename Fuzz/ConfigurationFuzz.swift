// libFuzzer's way into the reading of a configuration file.

import FuzzHarness

/// Called by libFuzzer with each input; a broken invariant ends the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try fuzzConfiguration(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    fatalError("\(error)")
  }
  return 0
}
