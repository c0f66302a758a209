// ssmp top.

extension Command {
  static let top = Command(name: "top", operands: "", help: "x", counts: 0...0) { _, _ in .done }
}
