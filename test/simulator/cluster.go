// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// Cluster is one ONTAP cluster of a simulator, as its administrator knows it.
type Cluster struct {
	sim                                *Simulator
	name, endpoint, username, password string
	state                              *cluster
	down                               atomic.Bool
	listener                           net.Listener
	server                             *http.Server
}

// listen makes a cluster with an address that nobody serves yet.
func (s *Simulator) listen(o ClusterOptions, serial int64) (*Cluster, error) {
	certificate, err := s.authority.issue(o, serial)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", cmp.Or(o.Listen, defaultListen)) //nolint:noctx // returns at once, there is nothing to cancel
	if err != nil {
		return nil, fmt.Errorf("listening for cluster %q: %w", o.Name, err)
	}
	c := s.newCluster(o, reachedAt(listener, o.Hosts))
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}}
	c.listener = tls.NewListener(gate{listener, &c.down}, config)
	c.server = &http.Server{
		Handler: c, ReadHeaderTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // cut connections are the simulator's own doing
	}
	return c, nil
}

func (s *Simulator) newCluster(o ClusterOptions, address string) *Cluster {
	return &Cluster{sim: s, name: o.Name, endpoint: "https://" + address, username: o.Username, password: o.Password, state: s.newState(o)}
}

// reachedAt is the address of a listener for its clients.
func reachedAt(listener net.Listener, hosts []string) string {
	address, err := netip.ParseAddrPort(listener.Addr().String())
	if err != nil {
		return listener.Addr().String() // TCP listeners have addresses of no other kind
	}
	host := address.Addr().Unmap().String()
	switch {
	case len(hosts) > 0:
		host = hosts[0]
	case address.Addr().IsUnspecified():
		host = "localhost"
	}
	return net.JoinHostPort(host, strconv.Itoa(int(address.Port())))
}

func (c *Cluster) serve() {
	if err := c.server.Serve(c.listener); !errors.Is(err, http.ErrServerClosed) {
		c.down.Store(true) // nobody listens any more; whoever looks at the state sees it
	}
}

// Name of the cluster.
func (c *Cluster) Name() string { return c.name }

// Endpoint is the URL of the cluster, without a path.
func (c *Cluster) Endpoint() string { return c.endpoint }

// CAPEM is the certificate of the simulator's CA, the same for all of its clusters; nothing where they are not served.
func (c *Cluster) CAPEM() []byte {
	if c.sim.authority == nil {
		return nil
	}
	return append([]byte(nil), c.sim.authority.pem...)
}

// Username of the cluster account.
func (c *Cluster) Username() string { return c.username }

// Password of the cluster account.
func (c *Cluster) Password() string { return c.password }

// WriteCredentials writes the files username, password and ca.crt into a directory, which it makes where it is missing.
// Each file is replaced atomically.
func (c *Cluster) WriteCredentials(directory string) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return fmt.Errorf("writing credentials of cluster %q: %w", c.name, err)
	}
	for name, content := range map[string][]byte{
		"username": []byte(c.username), "password": []byte(c.password), "ca.crt": c.CAPEM(),
	} {
		if err := WriteFile(filepath.Join(directory, name), content); err != nil {
			return fmt.Errorf("writing credentials of cluster %q: %w", c.name, err)
		}
	}
	return nil
}

// WriteFile replaces a file atomically; only its owner may read it.
func WriteFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("writing %q: %w", path, err)
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %q: %w", path, errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}

// gate is a listener that closes every new connection while its cluster is down.
type gate struct {
	net.Listener
	down *atomic.Bool
}

func (g gate) Accept() (net.Conn, error) {
	for {
		connection, err := g.Listener.Accept()
		if err != nil || !g.down.Load() {
			return connection, err
		}
		_ = connection.Close() // the client is to see just that
	}
}

// LetsIn tells whether an SVM of the cluster has an account with this password that is not locked.
func (c *Cluster) LetsIn(svmUUID, user, password string) bool {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	a := c.state.accounts[accountKey{svmUUID, user}]
	return a != nil && password != "" && a.password == password && !a.locked
}
