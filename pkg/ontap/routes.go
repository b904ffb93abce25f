// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
)

const (
	routesPath  = "/network/ip/routes"
	routeFields = "uuid,svm.uuid,destination.address,destination.netmask,gateway"
)

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
	routes, err := listOfSVM[wireRoute](ctx, s.client, routesPath, routeFields, svmUUID, nil)
	return slices.DeleteFunc(routes, Route.withoutGateway), err
}

// ListAll returns the routes of all SVMs and of the cluster.
func (s *RouteService) ListAll(ctx context.Context) ([]Route, error) {
	routes, err := list[wireRoute](ctx, s.client, routesPath, routeFields, nil)
	return slices.DeleteFunc(routes, Route.withoutGateway), err
}

// withoutGateway reports whether the gateway is no address: that is no route that we would ask for.
func (r Route) withoutGateway() bool { return !r.Gateway.IsValid() }

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
	ofSVM
	UUID        string     `json:"uuid"`
	Destination wirePrefix `json:"destination"`
	Gateway     string     `json:"gateway"`
}

func (w wireRoute) read() Route {
	gateway, err := netip.ParseAddr(w.Gateway)
	if err != nil {
		return Route{}
	}
	return Route{UUID: w.UUID, SVMUUID: w.SVM.UUID, Destination: w.Destination.Prefix, Gateway: gateway}
}
