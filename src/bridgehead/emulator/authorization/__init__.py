"""The authorization server (RFC 6749): who a client is, which grants it may use, and the tokens that come of them.

For: the routes that issue, introspect and revoke tokens, and the gate, which verifies them.
May touch: the store it was given, the clock and the chance it was given.
May not: answer over HTTP; the routes do.
"""
