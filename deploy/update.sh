#!/bin/sh
# Updates the running chat of docker-compose.yml to the code of this checkout, and cuts nobody off: new processes come
# up beside the old ones; then the old ones go, one at a time, and send their sockets over. Where the new ones do not
# come up, the old ones stay. Options for docker compose may stand in COMPOSE_FILE and COMPOSE_PROJECT_NAME, here or in
# .env. The process of compose.small.yml is alone with its database: it is replaced, and its visitors wait for that.
set -eu
cd "$(dirname "$0")/.."

running() { docker compose ps --quiet web; }
scale() { docker compose up --detach --wait --no-deps --no-recreate --scale "web=$1" web; }

docker compose config --services | grep -qx redis || exec docker compose up --build --detach --wait

docker compose build
old=$(running)
[ -n "$old" ] || exec docker compose up --detach --wait
count=$(echo "$old" | wc -l)
docker compose run --rm --no-deps secrets
docker compose run --rm --no-deps migrate

if ! scale $((count * 2)); then
  for container in $(running); do
    case $old in *"$container"*) ;; *) docker logs --tail 30 "$container"; docker rm --force "$container" ;; esac
  done
  echo 'update.sh: the new processes did not come up (their last words are above); the old ones go on.' >&2
  exit 1
fi

for container in $old; do
  docker stop "$container"
  docker rm "$container"
done
scale "$count"
