"""silero-vad behind HTTP: finds speech in a second of sound. Model and session are the package's."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import torch
from ortprof_marks import request
from silero_vad import get_speech_timestamps, load_silero_vad

torch.set_num_threads(1)
MODEL = load_silero_vad(onnx=True)


class Service(BaseHTTPRequestHandler):
    """Answers one request after another."""

    def do_POST(self) -> None:
        """Count the stretches of speech in samples of 16 bits at 16 kHz."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        with request():
            sound = torch.from_numpy(np.frombuffer(content, np.int16).astype(np.float32) / 2**15)
            found = get_speech_timestamps(sound, MODEL)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(len(found)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


HTTPServer(("127.0.0.1", int(sys.argv[1])), Service).serve_forever()
