#!/bin/sh
# Restarts the processes of chat@.service one after the other: each sends its sockets to the others, and the next one
# goes when this one is ready again. It stops at the first that does not come up.
set -eu
units=$(systemctl list-units --plain --no-legend --state=active 'chat@*.service' | cut -d ' ' -f 1)
[ -n "$units" ] || { echo 'restart.sh: expected units such as chat@8001.service, found none that is active.' >&2; exit 1; }
for unit in $units; do
  echo "$unit"
  systemctl restart "$unit"
done
