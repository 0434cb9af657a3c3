"""Write the rules for Prometheus, and Alertmanager's configuration that tells you of them."""

import argparse
from pathlib import Path

from results_parsers.alerts import routes, rules
from results_parsers.errors import UsageError
from results_parsers.reports.write import write_text


def configure(parser: argparse.ArgumentParser) -> None:
    defaults = routes.Routes()
    parser.add_argument("--rules", type=Path, metavar="FILE", help="for rule_files of Prometheus")
    parser.add_argument("--routes", type=Path, metavar="FILE", help="Alertmanager's configuration")
    parser.add_argument("--email", default="", metavar="ADDRESS")
    parser.add_argument("--smarthost", default="", metavar="HOST:PORT", help="the mail server")
    parser.add_argument("--sender", default=defaults.sender, metavar="ADDRESS")
    parser.add_argument("--webhook", default="", metavar="URL")
    parser.add_argument("--chat", default="", metavar="URL", help="a webhook in Slack's format")
    parser.add_argument("--channel", default=defaults.channel)
    parser.add_argument("--wait", default=defaults.wait, help=f"default: {defaults.wait}")
    parser.add_argument("--repeat", default=defaults.repeat, help=f"default: {defaults.repeat}")


def run(options: argparse.Namespace) -> int:
    if not options.rules and not options.routes:
        raise UsageError("nothing to write: give --rules FILE or --routes FILE, or both")
    if options.routes:
        names = ("email", "smarthost", "sender", "webhook", "chat", "channel", "wait", "repeat")
        chosen = routes.Routes(**{name: getattr(options, name) for name in names})
        write_text(options.routes, routes.render(chosen))
        print(options.routes)
    if options.rules:
        write_text(options.rules, rules.render())
        print(options.rules)
    return 0
