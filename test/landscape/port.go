// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// loopback is the only address that anything in a landscape listens on.
const loopback = "127.0.0.1"

// reservePort returns a loopback port that this kernel gives to nobody else for a minute, but that a program may listen
// on. A connection that the listening side has closed first leaves the port in TIME_WAIT: it is skipped when the
// kernel chooses a port, and SO_REUSEADDR, which Go sets on every listener, permits to ask for it.
func reservePort(ctx context.Context) (port int, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reserving a port: %w", err)
		}
	}()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, listener.Close()) }()
	var dialer net.Dialer
	client, err := dialer.DialContext(ctx, "tcp4", listener.Addr().String())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	server, err := listener.Accept()
	if err != nil {
		return 0, err
	}
	if err := server.Close(); err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, nil
}
