// What the kernel knows of this process.

import Glibc

/// Memory, descriptors and processor time of the process, now.
struct ProcessFacts {
  /// Resident memory.
  let residentBytes: Int
  /// Address space.
  let virtualBytes: Int
  /// Open descriptors.
  let descriptors: Int
  /// What user and system have spent on it.
  let cpu: Nanoseconds

  init() {
    (virtualBytes, residentBytes) = Self.memory()
    descriptors = Self.countDescriptors()
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    cpu = Nanoseconds(count: Self.nanoseconds(usage.ru_utime) + Self.nanoseconds(usage.ru_stime))
  }

  private static func nanoseconds(_ time: timeval) -> UInt64 {
    UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1000
  }

  /// The first two numbers of `/proc/self/statm`, in pages.
  private static func memory() -> (virtual: Int, resident: Int) {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { return (0, 0) }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return (0, 0) }
    let words = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ").map { Int($0) ?? 0 }
    let page = sysconf(Int32(_SC_PAGESIZE))
    return words.count > 1 ? (words[0] * page, words[1] * page) : (0, 0)
  }

  /// Linux 6.2 and later say the number as the size of the folder; before, its entries have to be counted.
  private static func countDescriptors() -> Int {
    var status = stat()
    if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    // Neither `.` and `..` nor the folder itself.
    var count = -3
    while readdir(folder) != nil { count += 1 }
    return max(0, count)
  }
}
