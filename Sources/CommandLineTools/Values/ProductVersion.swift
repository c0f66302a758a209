// The version of all that is built here.

/// The version of the product, which all its programs share.
public enum ProductVersion {
  /// The version: `X.Y.Z`.
  public static let text = version
  static let version = "0.2.0"
}
