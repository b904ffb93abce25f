#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Runs golangci-lint: `lint.sh all` over the whole tree, `lint.sh` over the files that differ from the upstream branch (without
# one: from the last commit; in a tree that git does not know: all).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=
if [[ ${1:-} != all ]]; then
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git rev-parse --verify --quiet HEAD 2>/dev/null || true)
fi
if [[ -z $base ]]; then
  .cache/tools/golangci-lint config verify
  exec .cache/tools/golangci-lint run
fi
exec .cache/tools/golangci-lint run --new-from-rev="$base" --whole-files
