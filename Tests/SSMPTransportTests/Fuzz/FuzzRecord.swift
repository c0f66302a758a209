// One fuzz input as the record of a session.

import FuzzHarness

@testable import SSMPTransport

/// Reads an input as what travels in a ticket. A record that can be read is written as something that reads the same.
func fuzzRecord(_ input: [UInt8]) throws {
  try fuzzRecordAlone(input)
  // Behind the mark that begins each record, which no fuzzer finds by itself.
  try fuzzRecordAlone(withUnsafeBytes(of: SessionRecord.tag.littleEndian, Array.init) + input)
}

private func fuzzRecordAlone(_ input: [UInt8]) throws {
  guard let record = input.withUnsafeBytes({ SessionRecord($0) }) else { return }
  _ = record.hasEnded
  try check(record.remaining >= 0, "\(record.remaining) seconds remain")
  let written = record.encoded
  guard let again = written.withUnsafeBytes({ SessionRecord($0) }) else {
    throw FuzzFailure("a record that was read cannot be read again")
  }
  try check(again.end == record.end && again.certificate == record.certificate, "the record has changed")
  try check(again.names == record.names || again.names == SubjectNames(), "the names have changed")
  try check(record.intermediates.starts(with: again.intermediates), "the authorities have changed")
  try check(again.encoded == written, "the record is written in two ways")
}
