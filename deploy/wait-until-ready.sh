#!/bin/sh
# Waits until the process at this port of the machine says that it is ready, for 30 s: wait-until-ready.sh 8001
# Not for one that has ended: MAINPID, which systemd gives, is its number.
set -eu
url="http://127.0.0.1:$1/readyz"
for _ in $(seq 150); do
  curl --fail --silent --max-time 2 --output /dev/null "$url" && exit
  if [ -n "${MAINPID:-}" ] && ! kill -0 "$MAINPID" 2>/dev/null; then
    echo "wait-until-ready.sh: expected a process that answers at $url; it has ended." >&2
    exit 1
  fi
  sleep 0.2
done
echo "wait-until-ready.sh: expected $url to answer within 30 s; it does not." >&2
exit 1
