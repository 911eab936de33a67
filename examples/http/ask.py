"""Asks the server of this example what it can answer."""

import http.client
import sys

authority = sys.argv[1].removeprefix("http://")
for method, path, content in [
    ("GET", "/hello/reader", ""),
    ("POST", "/upper", "sent piece by piece"),
    ("GET", f"/through/{authority}/hello/itself", ""),
    ("GET", "/through/example.org/", ""),
]:
    connection = http.client.HTTPConnection(authority)
    connection.request(method, path, content)
    response = connection.getresponse()
    print(f"\n{method} {path} {content}\n{response.status}: {response.read().decode().strip()}")
    connection.close()
