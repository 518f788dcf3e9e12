"""magika behind HTTP: says which type of file was posted. Model and session are the package's."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from magika import Magika
from ortprof_marks import request

MAGIKA = Magika()


class Service(BaseHTTPRequestHandler):
    """Answers one request after another."""

    def do_POST(self) -> None:
        """Name the type of the body."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        with request():
            label = str(MAGIKA.identify_bytes(content).output.label)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(label.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


HTTPServer(("127.0.0.1", int(sys.argv[1])), Service).serve_forever()
