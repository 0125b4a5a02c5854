"""Stands for a page of the chat that has said yes to a file: answers every path with X-Accel-Redirect to that upload.

Of the standard library alone, for tests/compose runs these lines in a container: `python -c ... 8001`.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HandingOut(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Accel-Redirect", "/-/uploads" + self.path)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Disposition", 'attachment; filename="notes.txt"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def server(port: int) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("", port), HandingOut)


if __name__ == "__main__":
    server(int(sys.argv[1])).serve_forever()
