// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
)

// ProtocolService reads and writes the services by which SVMs serve a protocol, and reads who is connected. Protocols have
// ONTAP's names: nvme, iscsi, nfs. Its writes are done when ONTAP answers.
type ProtocolService struct{ client *Client }

// servicesPath returns the collection of a protocol's services, empty for a protocol that is not known.
func servicesPath(protocol string) string {
	return map[string]string{
		"nvme": "/protocols/nvme/services", "iscsi": "/protocols/san/iscsi/services", "nfs": "/protocols/nfs/services",
	}[protocol]
}

// CreateService makes the SVM serve the protocol. A service that exists is an error of [KindExists], also one that is
// switched off; a protocol without licence is one of [KindUnlicensed].
func (s *ProtocolService) CreateService(ctx context.Context, protocol, svmUUID string) error {
	r := request{method: http.MethodPost, path: servicesPath(protocol), body: map[string]any{"svm": wireUUID{svmUUID}, "enabled": true}}
	if r.path == "" || svmUUID == "" {
		return s.client.failure(r, KindInvalid, errNoSVM)
	}
	return s.client.settle(ctx, r)
}

// SetEnabled switches the service of an SVM on or off.
func (s *ProtocolService) SetEnabled(ctx context.Context, protocol, svmUUID string, enabled bool) error {
	return s.client.settle(ctx, request{
		method: http.MethodPatch, path: servicesPath(protocol) + "/{svm.uuid}", keys: []string{svmUUID}, body: map[string]bool{"enabled": enabled},
	})
}

// DeleteService deletes the service of an SVM; it has to be switched off.
func (s *ProtocolService) DeleteService(ctx context.Context, protocol, svmUUID string) error {
	return s.client.settle(ctx, request{method: http.MethodDelete, path: servicesPath(protocol) + "/{svm.uuid}", keys: []string{svmUUID}})
}

// Connection is a host that uses a LIF.
type Connection struct {
	// Host is the host's name in the protocol: an NQN, an initiator or an address.
	Host string
	// LIF is the LIF's name; empty where ONTAP tells only its address.
	LIF     string
	Address netip.Addr
}

// Connections returns who is connected to an SVM, and through which LIF.
func (s *ProtocolService) Connections(ctx context.Context, protocol, svmUUID string) ([]Connection, error) {
	switch protocol {
	case "nvme":
		return s.nvmeControllers(ctx, svmUUID)
	case "iscsi":
		return s.iscsiSessions(ctx, svmUUID)
	case "nfs":
		return s.nfsClients(ctx, svmUUID)
	}
	return nil, s.client.failure(request{method: http.MethodGet}, KindInvalid, fmt.Errorf("unknown protocol %q", protocol))
}

func (s *ProtocolService) nvmeControllers(ctx context.Context, svmUUID string) ([]Connection, error) {
	records, err := listOfSVM[struct {
		ofSVM
		Host struct {
			NQN string `json:"nqn"`
		} `json:"host"`
		Interface struct {
			Name             string `json:"name"`
			TransportAddress string `json:"transport_address"`
		} `json:"interface"`
	}](ctx, s.client, "/protocols/nvme/subsystem-controllers", svmUUID, url.Values{
		"fields": {"svm.uuid,host.nqn,interface.name,interface.transport_address"},
	})
	if err != nil {
		return nil, err
	}
	var connections []Connection
	for _, r := range records {
		connections = append(connections, newConnection(r.Host.NQN, r.Interface.Name, r.Interface.TransportAddress))
	}
	return connections, nil
}

func (s *ProtocolService) iscsiSessions(ctx context.Context, svmUUID string) ([]Connection, error) {
	records, err := listOfSVM[struct {
		ofSVM
		Initiator   wireName `json:"initiator"`
		Connections []struct {
			Interface struct {
				Name string `json:"name"`
				IP   wireIP `json:"ip"`
			} `json:"interface"`
		} `json:"connections"`
	}](ctx, s.client, "/protocols/san/iscsi/sessions", svmUUID, url.Values{"fields": {"svm.uuid,initiator.name,connections"}})
	if err != nil {
		return nil, err
	}
	var connections []Connection
	for _, r := range records {
		for _, one := range r.Connections {
			connections = append(connections, newConnection(r.Initiator.Name, one.Interface.Name, one.Interface.IP.Address))
		}
	}
	return connections, nil
}

func (s *ProtocolService) nfsClients(ctx context.Context, svmUUID string) ([]Connection, error) {
	records, err := listOfSVM[struct {
		ofSVM
		ClientIP string `json:"client_ip"`
		ServerIP string `json:"server_ip"`
	}](ctx, s.client, "/protocols/nfs/connected-clients", svmUUID, url.Values{"fields": {"svm.uuid,client_ip,server_ip"}})
	if err != nil {
		return nil, err
	}
	var connections []Connection
	for _, r := range records {
		connections = append(connections, newConnection(r.ClientIP, "", r.ServerIP))
	}
	return connections, nil
}

// newConnection leaves out what is no address; the LIF's name stands for it.
func newConnection(host, lif, address string) Connection {
	connection := Connection{Host: host, LIF: lif}
	if parsed, err := netip.ParseAddr(address); err == nil {
		connection.Address = parsed.Unmap()
	}
	return connection
}
