#!/bin/sh
# macOS：双击即可。 macOS: double-click.
exec sh "$(dirname "$0")/start.sh"
