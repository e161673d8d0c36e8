"""Starts the simulator, commands it, and receives the notices it sends."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import urllib.request

PATIENCE = 30


class Simulator:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="paydesk-client-")
        # Its own place for data: whoever runs this may have a Paydesk of their own.
        self.env = dict(os.environ, XDG_DATA_HOME=self.home, XDG_CONFIG_HOME=self.home)
        command = [os.environ["PAYDESK"], "simulator", "serve", "--tls", "--port", "0"]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, env=self.env, text=True)
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.child.stdout.readline()), daemon=True).start()
        self.facts = json.loads(lines.get(timeout=PATIENCE))
        with open(self.facts["key_file"], encoding="ascii") as file:
            self.key = file.read().strip()
        # No proxy: it runs on this computer.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def control(self, name, fields=None):
        """A command to the control port. Without fields it only asks."""
        request = urllib.request.Request(
            self.facts["control_url"].rstrip("/") + "/" + name,
            data=None if fields is None else json.dumps(fields).encode(),
            headers={"Authorization": "Bearer " + self.facts["control_token"], "Content-Type": "application/json"},
        )
        with self.opener.open(request, timeout=PATIENCE) as response:
            return json.load(response)

    def stop(self):
        try:
            self.control("stop", {})
            return self.child.wait(PATIENCE)
        except Exception:
            self.child.kill()
            self.child.wait()
            return -1
        finally:
            shutil.rmtree(self.home, ignore_errors=True)


class Notice:
    """One POST that waits for its answer."""

    def __init__(self, path, body):
        self.path, self.body = path, body
        self.replies = queue.Queue()

    def answer(self, xml):
        self.replies.put(xml)


class Listener:
    """The merchant's own little server for notices."""

    def __init__(self):
        notices = self.notices = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                notice = Notice(self.path, self.rfile.read(int(self.headers["Content-Length"])).decode())
                notices.put(notice)
                reply = notice.replies.get(timeout=PATIENCE).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self, timeout=PATIENCE):
        """The next notice, in the order of arrival."""
        return self.notices.get(timeout=timeout)

    def stop(self):
        self.server.shutdown()
