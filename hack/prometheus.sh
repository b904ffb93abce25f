#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Puts prometheus and promtool into the directory .cache/tools/prometheus, and prints it: those that are installed, else those of
# Debian's package, which is unpacked and not installed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=$PWD/.cache/tools/prometheus
if [[ ! -x $target/promtool || ! -x $target/prometheus ]]; then
  mkdir -p "$target"
  if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    ln -sf "$(command -v prometheus)" "$(command -v promtool)" "$target"
  else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    # A new machine may not know what packages there are.
    (cd "$work" && { apt-get download prometheus || { apt-get update && apt-get download prometheus; }; }) >"$work/log" 2>&1 || {
      cat "$work/log" >&2
      echo 'prometheus and promtool are missing, and there is no package of Debian: install them' >&2
      exit 1
    }
    dpkg-deb -x "$work"/prometheus_*.deb "$work/unpacked"
    mv "$work/unpacked/usr/bin/prometheus" "$work/unpacked/usr/bin/promtool" "$target"
  fi
fi
echo "$target"
