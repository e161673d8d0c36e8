#!/usr/bin/env bash
# wechatpay-axios-plugin against `paydesk simulator serve`. PAYDESK is the program to start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${PAYDESK:?set PAYDESK to the paydesk program}"
command -v node >/dev/null || { echo "this needs node 20 or later" >&2; exit 1; }

# Installed anew when the lock has changed, otherwise as it stands, so that it runs without a network.
stamp=node_modules/.installed-for
if ! cmp -s package-lock.json "$stamp"; then
    npm ci --loglevel=error
    cp package-lock.json "$stamp"
fi
exec node story.js
