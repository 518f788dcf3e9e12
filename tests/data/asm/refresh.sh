#!/bin/sh
# Makes polling-aarch64.so anew. Needs aarch64 binutils (Debian: binutils-aarch64-linux-gnu).
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
aarch64-linux-gnu-as -march=armv8.1-a -o "$folder/polling.o" polling-aarch64.s
cd "$folder" # the object's name ends up in the symbol table
aarch64-linux-gnu-ld -shared --eh-frame-hdr --build-id=sha1 -z max-page-size=4096 -z noseparate-code \
    -o "$OLDPWD/polling-aarch64.so" polling.o
