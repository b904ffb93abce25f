# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# The builder needs Go 1.26 and a CA bundle; the base image needs nothing, since the binary is static.
ARG BUILDER_IMAGE=golang:1.26
ARG BASE_IMAGE=scratch

FROM --platform=$BUILDPLATFORM ${BUILDER_IMAGE} AS builder
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=v0.0.0-dev
ARG COMMIT=unknown
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -o /gardener-extension-ontap \
    -ldflags "-s -w \
      -X k8s.io/component-base/version.gitVersion=${VERSION} \
      -X k8s.io/component-base/version.gitCommit=${COMMIT} \
      -X k8s.io/component-base/version/verflag.programName=gardener-extension-ontap" \
    ./cmd/gardener-extension-ontap

FROM ${BASE_IMAGE}
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /gardener-extension-ontap /gardener-extension-ontap
USER 65532:65532
ENTRYPOINT ["/gardener-extension-ontap"]
