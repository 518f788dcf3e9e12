#!/usr/bin/env bash
# setup_node.sh: install what checks and bundles the pages' scripts (package-lock.json) into node_modules.
# Does nothing when package-lock.json has not changed since the last time.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=node_modules/.installed

scripts/ensure.sh node
scripts/ensure.sh npm
if [ -e "$stamp" ] && [ ! package-lock.json -nt "$stamp" ] && [ ! scripts/setup_node.sh -nt "$stamp" ]; then
  exit 0
fi

major_minor=$(node -p 'process.versions.node.split(".").slice(0, 2).join(" ")')
read -r major minor <<<"$major_minor"
if [ $((major * 100 + minor)) -lt 1818 ]; then
  echo "error: node $(node --version) is older than 18.18, which eslint needs" >&2
  exit 3
fi

echo "installing node_modules" >&2
# No package's own scripts: esbuild's, the only one, saves a millisecond a start.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
touch "$stamp"
