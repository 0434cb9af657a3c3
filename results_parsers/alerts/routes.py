"""Alertmanager's configuration: who is told of the alerts, and how.

Source: Prometheus: docs/alerting/latest/configuration.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

from results_parsers.errors import UsageError

HEADER = "# Made by: vexfs-results alerts --routes FILE\n"


@dataclass(frozen=True)
class Routes:
    """Where alerts go: an e-mail address by a mail server, a webhook's and a chat's URL (Slack's
    format, which Mattermost and Rocket.Chat take as well); empty where nobody is told.
    """

    email: str = ""
    smarthost: str = ""
    sender: str = "vexfs@localhost"
    webhook: str = ""
    chat: str = ""
    channel: str = "#filesystems"
    wait: str = "30s"
    repeat: str = "12h"


def render(routes: Routes) -> str:
    """The configuration. Raises ``UsageError`` for routes that lead nowhere."""
    receiver: dict[str, Any] = {"name": "vexfs"}
    document: dict[str, Any] = {}
    if routes.email:
        if "@" not in routes.email:
            raise UsageError(f"--email = {routes.email!r}; an address is allowed")
        if not routes.smarthost.rpartition(":")[2].isdecimal():
            raise UsageError(f"--smarthost = {routes.smarthost!r}; HOST:PORT is allowed")
        document["global"] = {"smtp_smarthost": routes.smarthost, "smtp_from": routes.sender}
        receiver["email_configs"] = [{"to": routes.email, "send_resolved": True}]
    if routes.webhook:
        url = _url("--webhook", routes.webhook)
        receiver["webhook_configs"] = [{"url": url, "send_resolved": True}]
    if routes.chat:
        slack = {"api_url": _url("--chat", routes.chat), "channel": routes.channel}
        receiver["slack_configs"] = [{**slack, "send_resolved": True}]
    if len(receiver) == 1:
        raise UsageError("nobody to tell: give --email, --webhook or --chat")
    document["route"] = {
        "receiver": "vexfs",
        "group_by": ["alertname"],
        "group_wait": routes.wait,
        "repeat_interval": routes.repeat,
    }
    document["receivers"] = [receiver]
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=100)


def _url(option: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{option} = {text!r}; an http or https URL is allowed")
    return text
