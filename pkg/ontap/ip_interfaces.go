// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

const (
	ipInterfacesPath  = "/network/ip/interfaces"
	ipInterfacePath   = "/network/ip/interfaces/{uuid}"
	ipInterfaceFields = "uuid,name,svm.uuid,svm.name,ip.address,ip.netmask,enabled,state,service_policy.name,location.home_node.name"
)

// IPInterfaceService reads and writes /network/ip/interfaces, the LIFs. All of its writes are done when ONTAP answers.
type IPInterfaceService struct{ client *Client }

// IPInterface is a LIF.
type IPInterface struct {
	UUID, Name string
	// SVMUUID and SVMName are empty for a LIF of the cluster itself.
	SVMUUID, SVMName string
	Address          netip.Addr
	// Enabled is what an administrator wants, whether the LIF is up or down.
	Enabled bool
	// Down is whether ONTAP says that the LIF is not up, for whatever reason.
	Down          bool
	ServicePolicy string
	// HomeNode is where the LIF belongs, wherever it is.
	HomeNode string
}

// IPInterfaceCreate is a new LIF of an SVM. The location is a home node and at most one of HomePort, BroadcastDomain, VIP.
type IPInterfaceCreate struct {
	SVMUUID, Name                       string
	Address                             netip.Prefix
	ServicePolicy                       string
	HomeNode, HomePort, BroadcastDomain string
	VIP                                 bool
	// WithinSubnet is for an address that lies in the range of one of ONTAP's subnets.
	WithinSubnet bool
}

// IPInterfaceChange is what is to be different of a LIF; the zero value of a field leaves it as it is.
type IPInterfaceChange struct {
	Enabled *bool
	Address *netip.Prefix
	// WithinSubnet is for an Address that lies in the range of one of ONTAP's subnets.
	WithinSubnet  bool
	ServicePolicy string
}

// List returns the LIFs of an SVM.
func (s *IPInterfaceService) List(ctx context.Context, svmUUID string) ([]IPInterface, error) {
	return listOfSVM[wireIPInterface](ctx, s.client, ipInterfacesPath, ipInterfaceFields, svmUUID, nil)
}

// ListAll returns the LIFs of all SVMs and of the cluster.
func (s *IPInterfaceService) ListAll(ctx context.Context) ([]IPInterface, error) {
	return list[wireIPInterface](ctx, s.client, ipInterfacesPath, ipInterfaceFields, nil)
}

// ListByAddress returns the LIFs with these addresses, whoever owns them.
func (s *IPInterfaceService) ListByAddress(ctx context.Context, addresses []netip.Addr) ([]IPInterface, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	alternatives := make([]string, 0, len(addresses))
	for _, address := range addresses {
		alternatives = append(alternatives, address.String())
	}
	return list[wireIPInterface](ctx, s.client, ipInterfacesPath, ipInterfaceFields, filter{"ip.address": strings.Join(alternatives, "|")})
}

// Create makes a LIF and returns what became of it. That name or address are taken is an error of [KindExists].
func (s *IPInterfaceService) Create(ctx context.Context, lif IPInterfaceCreate) (IPInterface, error) {
	r := request{method: http.MethodPost, path: ipInterfacesPath, query: "return_records=true"}
	if lif.SVMUUID == "" || lif.Name == "" || !lif.Address.IsValid() || lif.HomeNode == "" {
		// Without an SVM ONTAP would make a LIF of the cluster.
		return IPInterface{}, s.client.failure(r, KindInvalid, errors.New("a LIF needs an SVM, a name, an address and a home node"))
	}
	location := map[string]any{"home_node": wireName{lif.HomeNode}}
	switch {
	case lif.HomePort != "":
		location["home_port"] = map[string]any{"name": lif.HomePort, "node": wireName{lif.HomeNode}}
	case lif.BroadcastDomain != "":
		location["broadcast_domain"] = wireName{lif.BroadcastDomain}
	}
	body := map[string]any{
		"svm": wireUUID{lif.SVMUUID}, "name": lif.Name, "ip": wireAddress(lif.Address),
		"service_policy": wireName{lif.ServicePolicy}, "location": location,
	}
	if lif.VIP {
		body["vip"] = true
	}
	if lif.WithinSubnet {
		body["fail_if_subnet_conflicts"] = false
	}
	r.body = body
	var answer page[wireIPInterface]
	status, err := s.client.call(ctx, r, &answer)
	if err != nil {
		return IPInterface{}, err
	}
	if answer.Records == nil || len(*answer.Records) != 1 {
		return IPInterface{}, s.client.unintelligible(r, status, errors.New("the answer does not hold the new LIF"))
	}
	made := (*answer.Records)[0].read()
	if made.UUID == "" || made.Address != lif.Address.Addr() {
		return IPInterface{}, s.client.unintelligible(r, status, fmt.Errorf("the answer is not about a LIF with address %s", lif.Address.Addr()))
	}
	return made, nil
}

// Modify changes a LIF.
func (s *IPInterfaceService) Modify(ctx context.Context, uuid string, change IPInterfaceChange) error {
	body := map[string]any{}
	if change.Enabled != nil {
		body["enabled"] = *change.Enabled
	}
	if change.Address != nil {
		body["ip"] = wireAddress(*change.Address)
	}
	if change.WithinSubnet {
		body["fail_if_subnet_conflicts"] = false
	}
	if change.ServicePolicy != "" {
		body["service_policy"] = wireName{change.ServicePolicy}
	}
	return s.client.settle(ctx, request{method: http.MethodPatch, path: ipInterfacePath, keys: []string{uuid}, body: body})
}

// Delete deletes a LIF. One that is enabled may be refused.
func (s *IPInterfaceService) Delete(ctx context.Context, uuid string) error {
	return s.client.settle(ctx, request{method: http.MethodDelete, path: ipInterfacePath, keys: []string{uuid}})
}

func wireAddress(address netip.Prefix) map[string]string {
	return map[string]string{"address": address.Addr().String(), "netmask": strconv.Itoa(address.Bits())}
}

type wireIPInterface struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
	SVM  struct {
		UUID string `json:"uuid"`
		Name string `json:"name"`
	} `json:"svm"`
	IP            wirePrefix `json:"ip"`
	Enabled       bool       `json:"enabled"`
	State         string     `json:"state"`
	ServicePolicy wireName   `json:"service_policy"`
	Location      struct {
		HomeNode wireName `json:"home_node"`
	} `json:"location"`
}

// wirePrefix is an address with its netmask, which ONTAP writes as a prefix length; not valid where there is none.
type wirePrefix struct{ netip.Prefix }

// UnmarshalJSON fails for an address that cannot be read, as for one without a prefix length.
func (p *wirePrefix) UnmarshalJSON(data []byte) error {
	var ip struct{ Address, Netmask string }
	if err := json.Unmarshal(data, &ip); err != nil || ip.Address == "" {
		return err
	}
	address, err := netip.ParseAddr(ip.Address)
	if err != nil {
		return err
	}
	bits, err := strconv.Atoi(ip.Netmask)
	p.Prefix = netip.PrefixFrom(address.Unmap(), bits)
	if err != nil || !p.IsValid() {
		return fmt.Errorf("the netmask %q of address %s is no prefix length", ip.Netmask, address)
	}
	return nil
}

func (w wireIPInterface) owner() (field, svmUUID string) { return "svm.uuid", w.SVM.UUID }

func (w wireIPInterface) read() IPInterface {
	return IPInterface{
		UUID: w.UUID, Name: w.Name, SVMUUID: w.SVM.UUID, SVMName: w.SVM.Name, Address: w.IP.Addr(), Enabled: w.Enabled, Down: w.State == "down",
		ServicePolicy: w.ServicePolicy.Name, HomeNode: w.Location.HomeNode.Name,
	}
}
