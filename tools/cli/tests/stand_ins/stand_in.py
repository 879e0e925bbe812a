"""A service without any business, which behaves as the stack expects of one, so that it can be tested."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from pymongo import MongoClient
from pymongo.uri_parser import parse_uri


class Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()


def main() -> None:
    if os.environ.get("STAND_IN_FAILS") == os.environ["KPO_MONGO_DATABASE"]:
        sys.exit(7)
    if sys.argv[1:] == ["init"]:
        make_user()
    else:
        use_database()
        HTTPServer((os.environ["KPO_HTTP_HOST"], int(os.environ["KPO_HTTP_PORT"])), Door).serve_forever()


def make_user() -> None:
    """Make the service's user, as the role `init` of a real service does."""
    wanted = parse_uri(os.environ["KPO_MONGO_URL"])
    database = os.environ["KPO_MONGO_DATABASE"]
    with MongoClient[dict[str, object]](os.environ["KPO_MONGO_ADMIN_URL"]) as client:
        if not client[database].command("usersInfo", wanted["username"])["users"]:
            client[database].command(
                "createUser", wanted["username"], pwd=wanted["password"], roles=["readWrite"]
            )


def use_database() -> None:
    """Write as the service's own user; a wrong password or a missing right ends the process."""
    with MongoClient[dict[str, object]](os.environ["KPO_MONGO_URL"]) as client:
        client[os.environ["KPO_MONGO_DATABASE"]].starts.insert_one({"roles": sys.argv[1:]})


if __name__ == "__main__":
    main()
