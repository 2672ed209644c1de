#!/usr/bin/env bash
# yt-dlp 2026.10.26: a page with two <video> tags is listed as two videos, but the address that
# each is given (webpage_url, original_url) is the page's. Whoever keeps a listing's ids and
# addresses and fetches them later, one by one, gets a file under each id without any complaint;
# taking the first entry, as for an address of one video, gives the first film both times. The
# ids ("page-1", "page-2") are places on the page: a video put before the others takes over
# their names. The extractor's key of the entries is "HTML5MediaEmbed", of a single one too,
# although the page was asked of "Generic".
#
# Seen:
#   listed  page-1 /1.mp4, page-2 /2.mp4; both at /page, by HTML5MediaEmbed
#   fetched /1.mp4 for page-1, /1.mp4 for page-2
#   after a new video on top: page-2 is /1.mp4
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet 'yt-dlp==2026.10.26'
cat > "$folder/run.py" <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import yt_dlp

shown = ["/1.mp4", "/2.mp4"]


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        tags = "".join(f'<video src="{film}"></video>' for film in shown)
        body = f"<html><title>t</title><body>{tags}</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/page"


def listed(address, **options):
    with yt_dlp.YoutubeDL({"quiet": True, "no_warnings": True, **options}) as ydl:
        return ydl.extract_info(address, download=False)["entries"]


def film(entry):
    return urlsplit(entry["url"]).path


entries = listed(address)
found = [(e["id"], film(e), e["webpage_url"] == address, e["extractor_key"]) for e in entries]
print("listed ", found)
fetched = [film(listed(e["webpage_url"], playlist_items="1")[0]) for e in entries]
print("fetched", fetched)
shown.insert(0, "/0.mp4")
moved = {e["id"]: film(e) for e in listed(address)}
print("after a new video on top:", moved)
assert found == [
    ("page-1", "/1.mp4", True, "HTML5MediaEmbed"),
    ("page-2", "/2.mp4", True, "HTML5MediaEmbed"),
], found
assert fetched == ["/1.mp4", "/1.mp4"], fetched
assert moved["page-2"] == "/1.mp4", moved
PYTHON
"$folder/venv/bin/python" "$folder/run.py"
