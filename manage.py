#!/usr/bin/env python
"""Run one of the operator's verbs (`manage.py help` lists them)."""

import os
import sys

from django.core.management import execute_from_command_line

from chatsite.environment import BadSetting

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadSetting as unusable:
        sys.exit(str(unusable))
