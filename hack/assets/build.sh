#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Builds etcd and kube-apiserver, the programs that the landscape of the tests runs, from the module versions pinned
# in this directory, once, into .cache/bin of this checkout. Progress goes to stderr; the last line on stdout is the
# directory that holds them. Where KUBEBUILDER_ASSETS is set, that directory is taken and nothing is built.
set -euo pipefail

if [[ -n "${KUBEBUILDER_ASSETS:-}" ]]; then
  echo "$KUBEBUILDER_ASSETS"
  exit 0
fi

cd "$(dirname "${BASH_SOURCE[0]}")"
bin="$(cd ../.. && pwd)/.cache/bin"
stamp="$bin/.assets"
export GOWORK=off

mkdir -p "$bin"
# Two callers must not build twice: the second one waits here and then finds the stamp of the first.
exec 9>"$bin/.assets.lock"
if ! flock --nonblock 9; then
  echo "waiting for another build of etcd and kube-apiserver" >&2
  flock 9
fi

wanted="$({ cat go.mod go.sum build.sh; go version; } | sha256sum | cut -d' ' -f1)"
if [[ -x "$bin/etcd" && -x "$bin/kube-apiserver" && "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then
  echo "$bin"
  exit 0
fi

pid=""
cleanup() {
  [[ -z "$pid" ]] || kill "$pid" 2>/dev/null || true
  rm -f "$bin"/.new.*
}
trap cleanup EXIT
# The compiler runs in the background so that a signal ends it at once and not only when it is done.
trap 'exit 130' INT TERM HUP

# build NAME VERSION EXPECTATION GO-BUILD-ARGUMENT...
build() {
  local name="$1" version="$2" expectation="$3" start="$SECONDS" last="$SECONDS" log="$bin/.new.$1.log"
  shift 3
  echo "building $name $version, $expectation" >&2
  go build -v -trimpath -o "$bin/.new.$name" "$@" >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - last >= 15)); then
      last=$SECONDS
      echo "  $name: $(wc -l <"$log") packages after $((SECONDS - start)) s" >&2
    fi
  done
  if ! wait "$pid"; then
    pid=""
    echo "building $name failed:" >&2
    tail -n 40 "$log" >&2
    exit 1
  fi
  pid=""
  mv "$bin/.new.$name" "$bin/$name"
  echo "built $name $version in $((SECONDS - start)) s" >&2
}

etcd="$(go list -m -f '{{.Version}}' go.etcd.io/etcd/server/v3)"
kubernetes="$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"
IFS=. read -r major minor _ <<<"${kubernetes#v}"
version=k8s.io/component-base/version

build etcd "$etcd" "about 30 s the first time" go.etcd.io/etcd/server/v3
build kube-apiserver "$kubernetes" "about 4 min the first time" -ldflags \
  "-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=$major -X $version.gitMinor=$minor" \
  k8s.io/kubernetes/cmd/kube-apiserver

echo "$wanted" >"$stamp"
echo "$bin"
