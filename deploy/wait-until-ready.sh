#!/bin/sh
# Waits until the process at this port of the machine says that it is ready, for 30 s: wait-until-ready.sh 8001
set -eu
url="http://127.0.0.1:$1/readyz"
for _ in $(seq 150); do
  curl --fail --silent --max-time 2 --output /dev/null "$url" && exit
  sleep 0.2
done
echo "wait-until-ready.sh: expected $url to answer within 30 s; it does not." >&2
exit 1
