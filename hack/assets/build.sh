#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Builds the programs that the landscape of the tests runs, once, into .cache/bin of this checkout: etcd and kube-apiserver
# from the module versions pinned in this directory, gardener-resource-manager and gardener-apiserver from the one in the directory
# gardener, which must be that of the product. Progress goes to stderr; the last line on stdout is the directory that holds etcd and
# kube-apiserver. Where KUBEBUILDER_ASSETS is set, these two are taken from there and not built. With the argument "nodes" those
# are built that shoots with nodes need besides: kube-controller-manager, kube-scheduler and kwok; with "kubectl" that for
# somebody at a terminal.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
bin="$(cd ../.. && pwd)/.cache/bin"
directory="${KUBEBUILDER_ASSETS:-$bin}"
kind="${1:-}"
stamp="$bin/.assets$kind"
export GOWORK=off

mkdir -p "$bin"
[[ -z "$kind" ]] || bash "$(basename "${BASH_SOURCE[0]}")" >/dev/null
# Two callers must not build twice: the second one waits here and then finds the stamp of the first.
exec 9>"$bin/.assets.lock"
if ! flock --nonblock 9; then
  echo "waiting for another build of the assets" >&2
  flock 9
fi

case "$kind" in
  "") programs=("$directory"/{etcd,kube-apiserver} "$bin"/gardener-{resource-manager,apiserver}) ;;
  nodes) programs=("$bin"/{kube-controller-manager,kube-scheduler,kwok}) ;;
  kubectl) programs=("$bin/kubectl") ;;
  *) echo "there are no assets of the kind $kind" >&2 && exit 1 ;;
esac
built() {
  local program
  for program in "${programs[@]}"; do
    [[ -x "$program" ]] || return 1
  done
}

wanted="$({ echo "$directory"; cat go.mod go.sum gardener/go.mod gardener/go.sum build.sh; go version; } | sha256sum | cut -d' ' -f1)"
if built && [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then
  echo "$directory"
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
  go build -v -o "$bin/.new.$name" "$@" >"$log" 2>&1 &
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

# version_of MODULE [DIRECTORY] is the version of a module that the go.mod in a directory, this one unless given, selects.
version_of() { go -C "${2:-.}" list -m -f '{{.Version}}' "$1"; }

kubernetes="$(version_of k8s.io/kubernetes)"
IFS=. read -r major minor _ <<<"${kubernetes#v}"
version=k8s.io/component-base/version
flags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=$major -X $version.gitMinor=$minor"
if [[ "$kind" == nodes ]]; then
  build kube-controller-manager "$kubernetes" "about 4 min the first time" -trimpath -ldflags "$flags" k8s.io/kubernetes/cmd/kube-controller-manager
  build kube-scheduler "$kubernetes" "about a minute the first time" -trimpath -ldflags "$flags" k8s.io/kubernetes/cmd/kube-scheduler
  build kwok "$(version_of sigs.k8s.io/kwok)" "about a minute the first time" -trimpath -ldflags "-s -w" sigs.k8s.io/kwok/cmd/kwok
  # What it does to nodes and pods: its own fast stages, each a document.
  stages="$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage"
  for stage in "$stages"/node/{fast,heartbeat-with-lease}/node-*.yaml "$stages"/pod/fast/pod-*.yaml; do
    echo "---"
    cat "$stage"
  done >"$bin/kwok.yaml"
elif [[ "$kind" == kubectl ]]; then
  build kubectl "$kubernetes" "about a minute the first time" -trimpath -ldflags "$flags" k8s.io/kubernetes/cmd/kubectl
elif [[ "$directory" == "$bin" ]]; then
  build etcd "$(version_of go.etcd.io/etcd/server/v3)" "about 30 s the first time" -trimpath go.etcd.io/etcd/server/v3
  build kube-apiserver "$kubernetes" "about 4 min the first time" -trimpath -ldflags "$flags" k8s.io/kubernetes/cmd/kube-apiserver
fi

if [[ -z "$kind" ]]; then
  gardener="$(version_of github.com/gardener/gardener ../..)"
  cd gardener
  if [[ "$(version_of github.com/gardener/gardener)" != "$gardener" ]]; then
    echo "$PWD/go.mod must name the product's version of Gardener, $gardener" >&2
    exit 1
  fi
  # Without -trimpath, so that what the product's own build has compiled is used again.
  for program in gardener-resource-manager gardener-apiserver; do
    build "$program" "$gardener" "about 3 min the first time" -ldflags "-s -w" "github.com/gardener/gardener/cmd/$program"
  done
fi

echo "$wanted" >"$stamp"
echo "$directory"
