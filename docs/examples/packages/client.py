"""Posts a second of sound, so many times a second, until it is stopped: python client.py 8000 5."""

import http.client
import itertools
import math
import struct
import sys
import time

port, rate = int(sys.argv[1]), float(sys.argv[2])
sound = b"".join(struct.pack("<h", round(9000 * math.sin(i / 9) * math.sin(i / 900))) for i in range(16000))
begin = time.monotonic()
for number in itertools.count():
    time.sleep(max(0.0, begin + number / rate - time.monotonic()))
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/", sound)
    assert connection.getresponse().read()  # noqa: S101  it is a check
    connection.close()
