// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
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
		return listOfSVM[wireNVMeController](ctx, s.client, "/protocols/nvme/subsystem-controllers",
			"svm.uuid,host.nqn,interface.name,interface.transport_address", svmUUID, nil)
	case "iscsi":
		sessions, err := listOfSVM[wireISCSISession](ctx, s.client, "/protocols/san/iscsi/sessions", "svm.uuid,initiator.name,connections", svmUUID, nil)
		return slices.Concat(sessions...), err
	case "nfs":
		return listOfSVM[wireNFSClient](ctx, s.client, "/protocols/nfs/connected-clients", "svm.uuid,client_ip,server_ip", svmUUID, nil)
	}
	return nil, s.client.failure(request{method: http.MethodGet}, KindInvalid, fmt.Errorf("unknown protocol %q", protocol))
}

type wireNVMeController struct {
	ofSVM
	Host struct {
		NQN string `json:"nqn"`
	} `json:"host"`
	Interface struct {
		Name             string `json:"name"`
		TransportAddress string `json:"transport_address"`
	} `json:"interface"`
}

func (w wireNVMeController) read() Connection {
	return newConnection(w.Host.NQN, w.Interface.Name, w.Interface.TransportAddress)
}

type wireISCSISession struct {
	ofSVM
	Initiator   wireName `json:"initiator"`
	Connections []struct {
		Interface struct {
			Name string `json:"name"`
			IP   struct {
				Address string `json:"address"`
			} `json:"ip"`
		} `json:"interface"`
	} `json:"connections"`
}

func (w wireISCSISession) read() (connections []Connection) {
	for _, one := range w.Connections {
		connections = append(connections, newConnection(w.Initiator.Name, one.Interface.Name, one.Interface.IP.Address))
	}
	return connections
}

type wireNFSClient struct {
	ofSVM
	ClientIP string `json:"client_ip"`
	ServerIP string `json:"server_ip"`
}

func (w wireNFSClient) read() Connection {
	return newConnection(w.ClientIP, "", w.ServerIP)
}

// newConnection leaves out what is no address; the LIF's name stands for it.
func newConnection(host, lif, address string) Connection {
	connection := Connection{Host: host, LIF: lif}
	if parsed, err := netip.ParseAddr(address); err == nil {
		connection.Address = parsed.Unmap()
	}
	return connection
}
