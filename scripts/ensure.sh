#!/usr/bin/env bash
# ensure.sh PROGRAM: make sure that a program is there. Installs its package with apt as root; otherwise prints
# the command for apt, dnf and pacman, and exits with 3.
set -euo pipefail

program=${1:?usage: ensure.sh PROGRAM}

case $program in
  perf)     apt="linux-perf" dnf="perf" pacman="perf" ;;
  chromium) apt="chromium" dnf="chromium" pacman="chromium" ;;
  g++)      apt="g++" dnf="gcc-c++" pacman="gcc" ;;
  node)     apt="nodejs" dnf="nodejs" pacman="nodejs" ;;
  strip)    apt="binutils" dnf="binutils" pacman="binutils" ;;
  dockerd)  apt="docker.io" dnf="moby-engine" pacman="docker" ;;
  linux.uml) apt="user-mode-linux" dnf="user-mode-linux" pacman="user-mode-linux" ;;
  *)        apt=$program dnf=$program pacman=$program ;;
esac

if command -v "$program" >/dev/null; then
  exit 0
fi

# Ubuntu names perf's package after the kernel.
if [ "$program" = perf ] && [ -r /etc/os-release ] && grep -q '^ID=ubuntu' /etc/os-release; then
  apt="linux-tools-common linux-tools-generic linux-tools-$(uname -r)"
fi

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing $apt (apt-get)" >&2
  export DEBIAN_FRONTEND=noninteractive
  cd "$(dirname "$0")/.."
  flock scripts apt-get update -qq >&2
  # shellcheck disable=SC2086 # several packages
  if flock scripts apt-get install -y -qq --no-install-recommends $apt >/dev/null && command -v "$program" >/dev/null; then
    exit 0
  fi
  echo "error: installing $apt did not bring $program" >&2
  exit 3
fi

cat >&2 <<EOF
error: $program is missing; install it and run make again:
  Debian, Ubuntu:  sudo apt-get install $apt
  Fedora, RHEL:    sudo dnf install $dnf
  Arch:            sudo pacman -S $pacman
EOF
exit 3
