#!/usr/bin/env bash
# viewers.sh: Go's pprof, out of Debian's package of Go (60 MB to fetch, 15 MB to keep), as build/viewers/pprof: what
# reads exports back and is too large for every test run. Nothing is installed. Exit code 3 without apt.
set -euo pipefail
cd "$(dirname "$0")/.."

target=build/viewers/pprof
[ ! -x $target ] || exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "error: no apt-get here; put Go's pprof (\$(go env GOTOOLDIR)/pprof) at $target yourself" >&2
  exit 3
fi
mkdir -p build/viewers
folder=$(mktemp -d build/viewers/.go.XXXXXX)
trap 'rm -rf "$folder"' EXIT
package=$(apt-cache pkgnames golang-1. | grep -E '^golang-1\.[0-9]+-go$' | sort -V | tail -n 1) || {
  echo "error: apt knows no package golang-1.N-go; run apt-get update" >&2
  exit 3
}
echo "fetching $package" >&2
(cd "$folder" && apt-get -qq -o APT::Sandbox::User=root download "$package")
dpkg-deb --fsys-tarfile "$folder"/*.deb | tar -x -C "$folder" --wildcards '*/pkg/tool/*/pprof'
find "$folder" -name pprof -type f -exec mv {} $target \;
