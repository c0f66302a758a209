// The memory of the process.

import CEpoll

/// The allocator's memory.
public enum Memory {
  /// Returns to the kernel whole pages of what has been freed and the allocator keeps.
  public static func giveBack() {
    ssmp_trim_memory()
  }
}
