"""HTTP as the tests need it: one request, one answer, no surprises."""
import http.client
import json
import urllib.parse
import uuid


class Answer:
    """Status, headers (names in lower case) and body of one response."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def expect(self, status):
        """The body as JSON (or as text when it is none); AssertionError with the whole answer at another status."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body[:2000]!r}"
        is_json = "json" in self.headers.get("content-type", "")
        return self.json() if is_json and self.body else self.text

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r}>"


class Http:
    """A server at 127.0.0.1; `token` (if set) goes along as bearer."""

    def __init__(self, port, token=None, timeout=30.0):
        self.port, self.token, self.timeout = port, token, timeout

    def with_token(self, token):
        return Http(self.port, token, self.timeout)

    def request(self, method, path, body=None, headers=None):
        """`body`: bytes as they are; anything else is sent as JSON."""
        sent = dict(headers or {})
        names = {name.lower() for name in sent}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            if "content-type" not in names:
                sent["Content-Type"] = "application/json"
        if self.token and "authorization" not in names:
            sent["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, body, headers)

    def delete(self, path):
        return self.request("DELETE", path)


def urlencoded(fields):
    """Body and headers of a form as a browser sends it."""
    return urllib.parse.urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def multipart(fields, files=()):
    """Body and headers of a form with files: (field, file name, type, bytes)."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, file_name, kind, content in files:
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
                f"Content-Type: {kind}\r\n\r\n")
        parts.append(head.encode() + content + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={boundary}"}
