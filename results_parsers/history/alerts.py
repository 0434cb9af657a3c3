"""Alerts that have fired, as Alertmanager tells its webhooks of them.

Source: Prometheus: docs/alerting/latest/configuration, "webhook_config", version 4.
"""

import json
from collections.abc import Mapping
from typing import Any

from results_parsers.errors import UsageError
from results_parsers.history.database import History

NEVER = "0001-01-01T00:00:00Z"
"""The end of an alert that goes on."""


def keep_alerts(history: History, document: Any) -> int:
    """Store the alerts of a call; one that has ended takes the place of itself. How many they were.

    Raises ``UsageError`` for what is no such call.
    """
    try:
        rows = [_row(alert) for alert in document["alerts"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"not a call of Alertmanager's webhook: {error!r}") from error
    with history.transaction() as connection:
        connection.executemany(
            """INSERT INTO alerts (fingerprint, started, ended, status, name, labels, annotations)
               VALUES (:fingerprint, :started, :ended, :status, :name, :labels, :annotations)
               ON CONFLICT (fingerprint, started) DO UPDATE SET ended = excluded.ended,
                   status = excluded.status, annotations = excluded.annotations""",
            rows,
        )
    return len(rows)


def _row(alert: Mapping[str, Any]) -> dict[str, Any]:
    ended = alert.get("endsAt", NEVER)
    return {
        "fingerprint": str(alert["fingerprint"]),
        "started": str(alert["startsAt"]),
        "ended": None if ended == NEVER else str(ended),
        "status": str(alert["status"]),
        "name": str(alert["labels"]["alertname"]),
        "labels": json.dumps(dict(alert["labels"])),
        "annotations": json.dumps(dict(alert.get("annotations", {}))),
    }
