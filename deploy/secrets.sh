#!/bin/sh
# Makes the secrets of docker-compose.yml that are not there yet: the key that signs cookies, and the database's
# password. Certificates, where they are given, are copied each time, so that renewed ones get through.
set -eu
umask 077

chat=10001 nginx=10002
secret() { python -c 'import secrets; print(secrets.token_hex(32))'; }
keep() { rm -f "$1.new"; cat >"$1.new"; chmod "$2" "$1.new"; chown "$3" "$1.new"; mv "$1.new" "$1"; }

cd /secrets
if [ -d app ]; then
  [ -s app/secret_key ] || secret | keep app/secret_key 0400 $chat
  # For all to read: the account of PostgreSQL differs between images, and no other container sees this volume.
  [ -s database/password ] || secret | keep database/password 0444 0
  printf 'postgres:5432:chat:chat:%s\n' "$(cat database/password)" | keep app/pgpass 0400 $chat
fi

for file in fullchain.pem privkey.pem; do
  if [ -s "/given/$file" ]; then keep "certificates/$file" 0400 $nginx <"/given/$file"
  else rm -f "certificates/$file"; fi
done
