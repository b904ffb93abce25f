// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// withRoutes gives every data network a default route.
func withRoutes(config *configv1alpha1.ControllerConfiguration) {
	for i := range config.Clusters {
		for j := range config.Clusters[i].Networks.Data {
			config.Clusters[i].Networks.Data[j].Routes = []configv1alpha1.Route{{Destination: "0.0.0.0/0", Gateway: "10.11.255.254"}}
		}
	}
}

var (
	createRequests = []string{
		"GET /svm/svms", "GET /svm/svms", "GET /cluster/nodes", "GET /storage/aggregates", "GET /cluster/licensing/licenses",
		"GET /network/ip/interfaces", "POST /svm/svms", "GET /svm/svms",
		"GET /network/ip/interfaces", "POST /network/ip/interfaces", "POST /network/ip/interfaces", "POST /network/ip/interfaces",
		"GET /security/accounts", "POST /security/accounts", "PATCH /security/accounts/{owner.uuid}/{name}",
		"GET /security/accounts/{owner.uuid}/{name}",
	}
	steadyRequests = []string{"GET /svm/svms", "GET /network/ip/interfaces", "GET /security/accounts"}
)

// on puts the name of cluster a in front of requests.
func on(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, "a "+line)
	}
	return all
}

// counted counts the requests to the API server, reads and writes.
func counted() (funcs interceptor.Funcs, reads, writes *int) {
	reads, writes = new(0), new(0)
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			*reads++
			return c.Get(ctx, key, object, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			*reads++
			return c.List(ctx, list, options...)
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			*writes++
			return c.Create(ctx, object, options...)
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			*writes++
			return c.Update(ctx, object, options...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			*writes++
			return c.Patch(ctx, object, patch, options...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			*writes++
			return c.Delete(ctx, object, options...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			*writes++
			return c.SubResource(name).Patch(ctx, object, patch, options...)
		},
	}, reads, writes
}

var _ = Describe("Request budget", func() {
	It("should be these 16 requests to ONTAP for a create and 3 for a steady run, the same bytes whatever else lives there", func(ctx SpecContext) {
		var bytes [2][]int
		for i, others := range []int{0, 500} {
			w := newWorld("a")
			Expect(w.sim.AddSVMs(ctx, "a", others)).To(Succeed())
			s := w.newShoot(ctx, 1)
			_, seq := w.since(ctx, 0)
			Expect(s.reconcile(ctx)).To(Succeed())
			create, seq := w.since(ctx, seq)
			Expect(requests(create)).To(Equal(on(createRequests)))
			Expect(s.reconcile(ctx)).To(Succeed())
			steady, _ := w.since(ctx, seq)
			Expect(requests(steady)).To(Equal(on(steadyRequests)))
			for _, entry := range append(create, steady...) {
				bytes[i] = append(bytes[i], entry.Bytes)
			}
		}
		Expect(bytes[1]).To(Equal(bytes[0]))
		Expect(bytes[0]).To(ContainElement(BeNumerically(">", 0)))
	})

	DescribeTable("should be at most so many requests to ONTAP",
		func(ctx SpecContext, clusters []string, change func(*configv1alpha1.ControllerConfiguration), create, steady int) {
			w := newWorldWith(func(o *simulator.Options) {
				for i := range o.Clusters {
					o.Clusters[i].BGPPeersUp = []string{"*"}
				}
			}, clusters...)
			w.reconfigure(change)
			for _, cluster := range clusters {
				Expect(w.sim.AddSVMs(ctx, cluster, 50)).To(Succeed())
			}
			s := w.newShoot(ctx, 1)
			_, seq := w.since(ctx, 0)
			Expect(s.reconcile(ctx)).To(Succeed())
			entries, seq := w.since(ctx, seq)
			Expect(len(requests(entries))).To(BeNumerically("<=", create))
			Expect(s.reconcile(ctx)).To(Succeed())
			entries, _ = w.since(ctx, seq)
			Expect(len(requests(entries))).To(BeNumerically("<=", steady))
		},
		Entry("on one cluster", []string{"a"}, func(*configv1alpha1.ControllerConfiguration) {}, 16, 3),
		Entry("with routes", []string{"a"}, withRoutes, 18, 4),
		Entry("on two clusters", []string{"a", "b"}, func(*configv1alpha1.ControllerConfiguration) {}, 18, 4),
		Entry("on two clusters, with routes and a ceiling", []string{"a", "b"}, func(c *configv1alpha1.ControllerConfiguration) {
			withRoutes(c)
			c.Clusters[0].MaxSVMs, c.Clusters[1].MaxSVMs = 64, 64
		}, 21, 5),
	)

	It("should be 17 requests to the seed and 3 to the shoot for a steady run, none of them a write, and 68 and 4 for a create", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		count, reads, writes := counted()
		countInside, readsInside, writesInside := counted()
		w.FaultsInside = countInside
		w.inject(count)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(*reads+*writes-gardeners).To(BeNumerically("<=", 68), "%d reads, %d writes", *reads, *writes)
		Expect(*readsInside).To(BeNumerically("<=", 4))
		*reads, *writes, *readsInside = 0, 0, 0
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(*reads - gardenersReads).To(BeNumerically("<=", 17))
		Expect(*readsInside).To(BeNumerically("<=", 3))
		Expect(*writesInside).To(BeZero(), "gardener-resource-manager writes there, and nobody else")
		Expect(*writes).To(Equal(gardeners-gardenersReads-1), "Gardener's own, which adds its finalizer once")
	})
})

// What Gardener's reconciler itself asks the API server for in a create: the Extension, its namespace and the Cluster; the
// removal of the annotation, the finalizer, and lastOperation twice.
const (
	gardenersReads = 3
	gardeners      = gardenersReads + 4
)
