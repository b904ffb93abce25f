// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
)

const routesPath = "/network/ip/routes"

// RouteService reads and writes /network/ip/routes.
type RouteService struct{ client *Client }

// Route is a route of an SVM.
type Route struct {
	UUID, SVMUUID string
	Destination   netip.Prefix
	Gateway       netip.Addr
}

// List returns the routes of an SVM.
func (s *RouteService) List(ctx context.Context, svmUUID string) ([]Route, error) {
	if svmUUID == "" {
		return nil, s.client.failure(request{method: http.MethodGet, path: routesPath}, KindInvalid, errNoSVM)
	}
	routes, err := s.list(ctx, url.Values{"svm.uuid": {exact(svmUUID)}})
	return slices.DeleteFunc(routes, func(route Route) bool { return route.SVMUUID != svmUUID }), err
}

// ListAll returns the routes of all SVMs and of the cluster.
func (s *RouteService) ListAll(ctx context.Context) ([]Route, error) {
	return s.list(ctx, url.Values{})
}

func (s *RouteService) list(ctx context.Context, query url.Values) ([]Route, error) {
	query.Set("fields", "uuid,svm.uuid,destination.address,destination.netmask,gateway")
	records, err := list[wireRoute](ctx, s.client, routesPath, query)
	if err != nil {
		return nil, err
	}
	var routes []Route
	for _, r := range records {
		gateway, err := netip.ParseAddr(r.Gateway)
		if err != nil {
			continue // what is no address is no route that we would ask for
		}
		destination, err := r.Destination.read()
		if err != nil {
			return nil, s.client.unintelligible(request{method: http.MethodGet, path: routesPath}, http.StatusOK, err)
		}
		routes = append(routes, Route{UUID: r.UUID, SVMUUID: r.SVM.UUID, Destination: destination, Gateway: gateway})
	}
	return routes, nil
}

// Create makes a route. One that exists is an error of [KindExists].
func (s *RouteService) Create(ctx context.Context, svmUUID string, route Route) error {
	r := request{method: http.MethodPost, path: routesPath}
	if svmUUID == "" {
		return s.client.failure(r, KindInvalid, errNoSVM)
	}
	r.body = map[string]any{"svm": wireUUID{svmUUID}, "destination": wireAddress(route.Destination), "gateway": route.Gateway.String()}
	return s.client.settle(ctx, r)
}

type wireRoute struct {
	UUID        string   `json:"uuid"`
	SVM         wireUUID `json:"svm"`
	Destination wireIP   `json:"destination"`
	Gateway     string   `json:"gateway"`
}
