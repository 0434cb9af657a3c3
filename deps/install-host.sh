#!/bin/sh
# Installs the packages of host-packages.txt, or of the lists that are given, which are missing. Does
# nothing when none is.
# Runs as root, or asks sudo. Debian and its derivatives only.
set -eu

[ "$#" -gt 0 ] || set -- "$(dirname "$0")/host-packages.txt"

missing=
for package in $(sed 's/#.*//' "$@"); do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "Installing:$missing"

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        echo "$0: neither root nor sudo; install these as root, then go on:$missing" >&2
        exit 3
    fi
}

install() {
    # shellcheck disable=SC2086 # a list of words
    as_root apt-get install --yes --no-install-recommends $missing
}

# The lists of a fresh machine are missing or old; then the first attempt ends at once.
install || { as_root apt-get update && install; }
