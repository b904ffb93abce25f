#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Runs `go mod tidy` with the given arguments in every module of this repository. With -diff nothing is written, and the first
# module that is not tidy fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

find . \( -path ./.git -o -path ./.cache \) -prune -o -name go.mod -print | sort | while IFS= read -r module; do
  go -C "$(dirname "$module")" mod tidy "$@" || {
    echo "$module is not tidy: run \"make tidy\"" >&2
    exit 1
  }
done
