"""A small client: asks the service's models in turn, so many times a second, until it is stopped.

python client.py 8000 5
"""

from __future__ import annotations

import http.client
import itertools
import sys
import time

port, rate = int(sys.argv[1]), float(sys.argv[2])
begin = time.monotonic()
for number, name in enumerate(itertools.cycle(("eager", "thrifty"))):
    time.sleep(max(0.0, begin + number / rate - time.monotonic()))
    connection = http.client.HTTPConnection("127.0.0.1", port)  # a new one each: any worker may answer
    connection.request("GET", f"/{name}")
    print(name, connection.getresponse().status, flush=True)
    connection.close()
