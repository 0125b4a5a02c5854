"""Our server's WebSocket framing, held against RFC 6455 with an echo application."""
