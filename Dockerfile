# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# The builder needs Go 1.26 and a CA bundle; the base image needs nothing, since the binaries are static. Which patch release of Go
# compiles them is said by GOTOOLCHAIN and comes from the Go module proxy; `make supply-chain` looks for its vulnerabilities, too.
ARG BUILDER_IMAGE=golang:1.26
ARG BASE_IMAGE=scratch

FROM --platform=$BUILDPLATFORM ${BUILDER_IMAGE} AS builder
ENV GOTOOLCHAIN=go1.26.11
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=v0.0.0-dev
ARG COMMIT=unknown
RUN for program in gardener-extension-ontap gardener-extension-ontap-admission; do \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -o /$program \
    -ldflags "-s -w \
      -X k8s.io/component-base/version.gitVersion=${VERSION} \
      -X k8s.io/component-base/version.gitCommit=${COMMIT} \
      -X k8s.io/component-base/version/verflag.programName=$program" \
    ./cmd/$program || exit 1; done

FROM ${BASE_IMAGE} AS base
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
USER 65532:65532

FROM base AS gardener-extension-ontap-admission
COPY --from=builder /gardener-extension-ontap-admission /gardener-extension-ontap-admission
ENTRYPOINT ["/gardener-extension-ontap-admission"]

# The last one is built where no target is named.
FROM base AS gardener-extension-ontap
COPY --from=builder /gardener-extension-ontap /gardener-extension-ontap
ENTRYPOINT ["/gardener-extension-ontap"]
