#!/bin/sh
# 安装并打开应用，不需要网络。后面可写其他命令，例如：sh start.sh run shanxi
# Install and open the application; no network is needed. Other commands may follow, as in: sh start.sh run shanxi
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made="$here/environment/made"
if [ ! -f "$made" ]; then
  python=""
  for name in python@PYTHON@ python3 python; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' 2>/dev/null; then
      python=$name
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "需要Python @PYTHON@，本机上没有找到。" >&2
    echo "Python @PYTHON@ is needed and was not found on this machine." >&2
    exit 2
  fi
  echo "首次启动：正在安装，约需一两分钟。" >&2
  echo "First start: installing, for a minute or two." >&2
  rm -rf "$here/environment"
  "$python" -m venv --without-pip "$here/environment"
  for pip in "$here"/wheels/pip-*.whl; do
    "$here/environment/bin/python" "$pip/pip" --isolated install --quiet --disable-pip-version-check --no-index \
      --find-links "$here/wheels" "judicial-auction-sim[app]"
  done
  : >"$made"
fi
# Without a command: the application, whose results stand beside this file.
[ "$#" -gt 0 ] || set -- app --out "$here/results"
exec "$here/environment/bin/python" -m sim "$@"
