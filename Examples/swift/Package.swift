// swift-tools-version: 6.2
import PackageDescription

let client: [Target.Dependency] = [.product(name: "SSMPClient", package: "ssmpd")]

let package = Package(
  name: "examples",
  dependencies: [.package(name: "ssmpd", path: "../..")],
  targets: ["chat", "sensor", "service", "caller", "simulator"].map {
    .executableTarget(name: $0, dependencies: client)
  },
  swiftLanguageModes: [.v6]
)
