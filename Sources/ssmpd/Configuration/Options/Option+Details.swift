// What `--help OPTION` says beyond the line of `--help`.

extension Option {
  /// More about the option, in whole sentences; `nil` when its line in `--help` says all.
  var details: String? { Self.allDetails[name] }

  private static let allDetails: [String: String] = [
    "listen": """
    An ADDRESS is numeric: host names are not looked up. It is an IPv4 address, an IPv6 address in brackets, or * for \
    all addresses of both kinds. A link-local address names its network interface: tls://[fe80::1%eth0]:8787. An \
    address without a scheme speaks TLS; tcp:// does not encrypt. systemd+tls:NAME, systemd+tcp:NAME and \
    systemd+unix:NAME take the socket that systemd hands over under this FileDescriptorName=. Behind the address, \
    ?auth=cert,secret,open names the authentication schemes of this listener; without it the listener offers all \
    enabled schemes, cert with TLS only. A reload changes the schemes of an address that stays.
    """,
    "open": """
    Every client that can connect can then log in under any identifier. Use it for debugging, and for sockets that \
    only trusted programs can reach.
    """,
    "secret-file": "The secret has 1 to 1024 bytes. All clients share it. Make it long and random.",
    "access": """
    Each line of FILE allows identities to log in, publish, subscribe, see presence, or send to others; what no line \
    allows is refused with 405, a LOGIN with 401. docs/access.md describes the rules.
    """,
    "strict": """
    In line mode, which is on by default, the first line of a connection that ends in CR LF makes the server drop \
    the CR of every later line, too.
    """,
    "cert": "The file holds the server's own certificate first.",
    "key": "The server refuses a file that other users can read.",
    "cacert": """
    A client certificate is valid if a certificate in this file has signed it, directly or through intermediates \
    that the client sends.
    """,
    "crl": """
    With this setting there must be a list of every client's issuer. A client whose certificate is on a list cannot \
    connect, and a reload closes its connection.
    """,
    "ticket-keys": """
    Clients that come back after a restart then resume their TLS sessions instead of making full handshakes. The \
    server writes the file itself, and replaces the keys daily.
    """,
    "login-timeout": "The TLS handshake and the LOGIN have to be complete within this time.",
    "ping-interval": "Any request counts as a sign of life.",
    "pong-timeout": "Any request counts as an answer to the PING.",
    "write-timeout": "The time begins when the kernel takes no more output for the client.",
    "drain": "A second signal ends the server at once.",
    "max-connections": """
    Beyond the limit the server closes new connections without a response. The server never accepts more connections \
    than it has descriptors for, whatever N is.
    """,
    "max-connections-per-address": "Unix sockets have no address, and no such limit.",
    "max-waiting-per-address": "It keeps one address from taking all places with connections that never log in.",
    "max-failed-logins": "A successful login makes up for one failure. Unix sockets are exempt.",
    "max-rate": """
    A connection may make as many requests at once as in one second; then the server reads from it again after \
    200 ms.
    """,
    "max-subscriptions": "A SUBSCRIBE beyond the limit is refused with 405.",
    "max-pending": """
    The server closes a connection whose pending output is over the limit. From 256 KiB of pending output on (an \
    eighth of SIZE, or a 128th of --max-total-pending, if that is less), the server pauses reading from the clients \
    that send to this one: for as long as all recipients of a sender's only target are over it, else for 20 ms at a \
    time and 5 % of the time at most. Below 4 MiB, or below 64 MiB for all connections, senders \
    pause for longer, and for any recipient, so that readers are not closed.
    """,
    "max-total-pending": """
    Over the limit the server closes the connections with the largest backlogs; from three quarters of it on, those that \
    have not drained for two seconds, and messages wait. A TLS handshake in progress counts \
    as 48 KiB.
    """,
    "loops": "One loop serves some hundred thousand messages per second. More loops pay from then on.",
    "log-level": """
    Each level includes the ones before it. info has one line for each login and each closed connection, debug one \
    for each accepted connection, handshake and refused request.
    """,
    "admin": """
    Commands such as stats, connections, topics, tap, close, reload and drain are one line each. GET /metrics, \
    /healthz and /status.json are answered there, too. docs/admin.md describes all of them.
    """,
    "metrics": """
    GET /metrics has the metrics in the text format of Prometheus, GET /status.json the same figures as JSON, and \
    GET /healthz is 200 as long as every loop answers. Append ?public to an address that other machines can reach.
    """,
    "config": """
    FILE has one setting on each line, without the dashes: max-pending 2MiB. Options of the command line override \
    the settings of the file.
    """,
    "check": """
    The files that the settings name are read, too. The exit status is 0 after ok, and 2 after the lines that say \
    what is wrong. If root runs it, it reads the files as the user ssmpd, if there is one, or as the user in --user: \
    root can read files that the server's user cannot.
    """,
    "help":
      "A SUBJECT is an option with or without its dashes, or one of listening, tls, times, limits, running, signals, all.",
  ]
}
