#!/usr/bin/env bash
# wechatpy against `paydesk simulator serve`. PAYDESK is the program to start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${PAYDESK:?set PAYDESK to the paydesk program}"
python=${PYTHON:-python3}
"$python" -c 'import sys, venv; assert sys.version_info >= (3, 11)' 2>/dev/null ||
    { echo "this needs python 3.11 or later with venv" >&2; exit 1; }

# Installed anew when the requirements have changed, otherwise as it stands, so that it runs without a network.
venv=../../../target/clients/python
stamp=$venv/installed-for
if ! cmp -s requirements.txt "$stamp"; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input --requirement requirements.txt
    cp requirements.txt "$stamp"
fi
exec "$venv/bin/python" -B story.py
