#!/bin/sh
# Makes polling-aarch64.so anew. Needs aarch64 binutils (Debian: binutils-aarch64-linux-gnu).
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
aarch64-linux-gnu-as -march=armv8.1-a -o "$object" polling-aarch64.s
aarch64-linux-gnu-ld -shared --eh-frame-hdr --build-id=sha1 -z max-page-size=4096 -z noseparate-code \
    -o polling-aarch64.so "$object"
