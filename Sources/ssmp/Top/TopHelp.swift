// The help that `?` shows.

/// The keys, and what the columns mean.
enum TopHelp {
  /// The help as lines.
  static let lines: [TopLine] = {
    let text = """
      Keys
        q, Ctrl-C    quit
        /            show only names that begin with what follows; Enter ends it, Escape removes it
        < > arrows   sort the connections by another column
        r i o p s    sort the connections by requests, bytes in, bytes out, pending output, subscriptions
        a n          sort the connections by age, name
        S W P N      sort the topics by subscribers, watchers, pending output, name
        t            show both tables, connections alone, topics alone
        space        pause; again to go on
        Ctrl-L       draw anew

      Figures
        messages     UCAST, MCAST and BCAST requests; deliveries are events, one for each recipient
        lag          the time that 99 of 100 turns of the event loops did not exceed
        PENDING      output in bytes that a client has not read; of a topic, that of its subscribers
                     which are among the ten with the most
        K, M, G      1024 bytes and its powers; of counts, thousands are written in full

      Any key returns.
      """
    return text.split(separator: "\n", omittingEmptySubsequences: false).map {
      TopLine(String($0), $0.hasPrefix(" ") || $0.hasPrefix("Any") ? .plain : .bold)
    }
  }()
}
