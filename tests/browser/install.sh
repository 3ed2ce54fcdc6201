#!/bin/sh
# What the tests here need besides Deno and Node: Debian's chromium, unless there is a browser that will do.
set -eu
for name in chromium google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
apt-get update
apt-get install -y --no-install-recommends chromium
