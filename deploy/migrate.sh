#!/bin/sh
# Before the processes of a version start: is its configuration fit to be seen, the database brought to its code, its
# static files laid out beside those of older versions, whose pages are still open somewhere. None is ever removed.
set -eu
python manage.py check --deploy --fail-level WARNING
python manage.py migrate --noinput
cp -R /srv/static/. /srv/shared/
