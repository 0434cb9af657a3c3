#!/bin/sh
# Makes the pictures of docs/ anew: reports of synthetic jobs, which say so. Needs the virtual
# environment (make setup) and Chromium (make test-host).
set -eu

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

vexfs-results demo "$work/jobs" --nights 60 --seed 1 --last 2026-11-20 >"$work/told"
vexfs-results ingest --db "$work/h.sqlite" "$work/jobs" >"$work/told"
last=$(find "$work/jobs" -mindepth 1 -maxdepth 1 | sort | tail -n 1)
vexfs-results report --html "$work/report.html" "$last" >"$work/told"
vexfs-results report --html "$work/digest.html" --title 'Nightly digest' \
    --db "$work/h.sqlite" --nights 60 --recent 14 >"$work/told"
vexfs-results report --html "$work/comparison.html" --title 'One release against another' \
    --db "$work/h.sqlite" --compare last:60 last:10 >"$work/told"

for page in report digest comparison; do
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,1150 \
        --user-data-dir="$work/browser" --screenshot="$work/$page.png" "file://$work/$page.html" \
        2>"$work/told"
    mv "$work/$page.png" "$page.png"
    echo "docs/$page.png"
done
