// How many requests a connection may make.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Request rate")
struct RequestRateTests {
  private func available(_ bucket: inout RequestRate, _ rate: Int32, _ time: UInt32) -> Int {
    bucket.available(rate, now: Ticks(time))
  }

  @Test("A full bucket holds the requests of one second, and no more however long nothing is asked")
  func burst() {
    var bucket = RequestRate.full(50, now: Ticks(0))
    #expect(available(&bucket, 50, 0) == 50)
    #expect(available(&bucket, 50, 10_000) == 50)
    bucket.take(50)
    #expect(available(&bucket, 50, 10_000) == 0)
  }

  @Test(
    "What has been taken comes back at the rate, with no fraction lost",
    arguments: [2, 3, 7, 999, 1_000_000] as [Int32])
  func refill(_ rate: Int32) {
    var bucket = RequestRate.full(rate, now: Ticks(0))
    bucket.take(Int(rate))
    var made = 0
    // Ten seconds, looked at every few milliseconds: never ahead of the rate, and never behind it by more than one request.
    for time in stride(from: UInt32(0), through: 10_000, by: 7) {
      let available = available(&bucket, rate, time)
      bucket.take(available)
      made += available
      #expect(made == Int(time) * Int(rate) / 1000)
    }
  }

  @Test("A bucket of nobody's fills up within a second, and the clock may begin anew")
  func clock() {
    var bucket = RequestRate()
    #expect(available(&bucket, 10, 5_000) == 10)
    bucket = .full(10, now: Ticks(.max - 99))
    bucket.take(10)
    #expect(available(&bucket, 10, .max - 99) == 0)
    #expect(available(&bucket, 10, 400) == 5)
  }

  @Test("A lower rate counts at once, a higher one as time passes")
  func change() {
    var bucket = RequestRate.full(100, now: Ticks(0))
    #expect(available(&bucket, 10, 0) == 10)
    #expect(available(&bucket, 100, 500) == 60)
  }

  @Test("A pause is long enough for one request at least")
  func pause() {
    for rate in [1, 2, 3, 4, 5, 6, 7, 100, 1_000_000] as [Int32] {
      var bucket = RequestRate.full(rate, now: Ticks(0))
      bucket.take(Int(rate))
      #expect(available(&bucket, rate, RequestRate.pause(rate)) >= 1)
    }
    #expect(RequestRate.pause(0) > 0)
  }
}
