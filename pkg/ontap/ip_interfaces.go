// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	ipInterfacesPath  = "/network/ip/interfaces"
	ipInterfacePath   = "/network/ip/interfaces/{uuid}"
	ipInterfaceFields = "uuid,name,svm.uuid,svm.name,ip.address,ip.netmask,enabled,state,service_policy.name,services," +
		"location.home_node.name,location.node.name,vip"
)

// IPInterfaceService reads and writes /network/ip/interfaces, the LIFs. All of its writes are done when ONTAP answers.
type IPInterfaceService struct{ client *Client }

// IPInterface is a LIF.
type IPInterface struct {
	UUID, Name string
	// SVMUUID and SVMName are empty for a LIF of the cluster itself.
	SVMUUID, SVMName string
	Address          netip.Addr
	PrefixLength     int
	// Enabled is what an administrator wants, State (up or down) what there is.
	Enabled       bool
	State         string
	ServicePolicy string
	Services      []string
	// HomeNode is where the LIF belongs, Node where it is.
	HomeNode, Node string
	// VIP is whether the address is announced by BGP.
	VIP bool
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
	if svmUUID == "" {
		return nil, s.client.failure(request{method: http.MethodGet, path: ipInterfacesPath}, KindInvalid, errNoSVM)
	}
	lifs, err := s.list(ctx, url.Values{"svm.uuid": {exact(svmUUID)}})
	return slices.DeleteFunc(lifs, func(lif IPInterface) bool { return lif.SVMUUID != svmUUID }), err
}

// ListAll returns the LIFs of all SVMs and of the cluster.
func (s *IPInterfaceService) ListAll(ctx context.Context) ([]IPInterface, error) {
	return s.list(ctx, url.Values{})
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
	return s.list(ctx, url.Values{"ip.address": {strings.Join(alternatives, "|")}})
}

func (s *IPInterfaceService) list(ctx context.Context, query url.Values) ([]IPInterface, error) {
	query.Set("fields", ipInterfaceFields)
	records, err := list[wireIPInterface](ctx, s.client, ipInterfacesPath, query)
	if err != nil {
		return nil, err
	}
	var lifs []IPInterface
	for _, r := range records {
		lif, err := r.read()
		if err != nil {
			return nil, s.client.unintelligible(request{method: http.MethodGet, path: ipInterfacesPath}, http.StatusOK, err)
		}
		lifs = append(lifs, lif)
	}
	return lifs, nil
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
	made, err := (*answer.Records)[0].read()
	if err == nil && (made.UUID == "" || made.Address != lif.Address.Addr()) {
		err = fmt.Errorf("the answer is not about a LIF with address %s", lif.Address.Addr())
	}
	if err != nil {
		return IPInterface{}, s.client.unintelligible(r, status, err)
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
	IP            wireIP   `json:"ip"`
	Enabled       bool     `json:"enabled"`
	State         string   `json:"state"`
	ServicePolicy wireName `json:"service_policy"`
	Services      []string `json:"services"`
	Location      struct {
		HomeNode wireName `json:"home_node"`
		Node     wireName `json:"node"`
	} `json:"location"`
	VIP bool `json:"vip"`
}

// wireIP is an address with its netmask, which ONTAP writes as a prefix length.
type wireIP struct {
	Address string `json:"address"`
	Netmask string `json:"netmask"`
}

// read returns no address where there is none. One that cannot be read is an error, as is one without a prefix length.
func (w wireIP) read() (netip.Prefix, error) {
	if w.Address == "" {
		return netip.Prefix{}, nil
	}
	address, err := netip.ParseAddr(w.Address)
	if err != nil {
		return netip.Prefix{}, err
	}
	bits, err := strconv.Atoi(w.Netmask)
	prefix := netip.PrefixFrom(address.Unmap(), bits)
	if err != nil || !prefix.IsValid() {
		return netip.Prefix{}, fmt.Errorf("the netmask %q of address %s is no prefix length", w.Netmask, address)
	}
	return prefix, nil
}

func (w wireIPInterface) read() (IPInterface, error) {
	lif := IPInterface{
		UUID: w.UUID, Name: w.Name, SVMUUID: w.SVM.UUID, SVMName: w.SVM.Name, Enabled: w.Enabled, State: w.State,
		ServicePolicy: w.ServicePolicy.Name, Services: w.Services, HomeNode: w.Location.HomeNode.Name, Node: w.Location.Node.Name, VIP: w.VIP,
	}
	address, err := w.IP.read()
	if address.IsValid() {
		lif.Address, lif.PrefixLength = address.Addr(), address.Bits()
	}
	return lif, err
}
