// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

// crowd is a seed with very many shoots. Their runs are those of the real actuator, keeper and clients, and follow each other
// as the queue of the controller has them by the real rate limiter. What would cost minutes, and sends nothing to ONTAP, is
// left out: Gardener's reconciler, the status of the Extension, which is kept in memory, and the insides of the shoots.
type crowd struct {
	*world
	records  records
	actuator *lifecycle.Actuator
	again    workqueue.TypedRateLimiter[string]
	shoots   []*member
	agenda   agenda
	// sent are the times of the requests to each cluster.
	sent map[string][]time.Time
}

// member is one of the shoots.
type member struct {
	worlds.Shoot
	extension *extensionsv1alpha1.Extension
	due       time.Time
	// steady is whether a run finds nothing to do.
	steady bool
	runs   int
}

// agenda are shoots in the order in which their next runs are due.
type agenda []*member

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].due.Before(a[j].due) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(one any)      { *a = append(*a, one.(*member)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	one := (*a)[last]
	*a = (*a)[:last]
	return one
}

// ObserveRequest implements ontap.Observer.
func (c *crowd) ObserveRequest(cluster, _, _, _ string, _ time.Duration) {
	c.sent[cluster] = append(c.sent[cluster], c.clock.Now())
}

// ObserveSilence implements ontap.Observer.
func (c *crowd) ObserveSilence(string, bool) {}

// ObserveRefusal implements ontap.Observer.
func (c *crowd) ObserveRefusal(string, bool) {}

// ObserveGate implements ontap.Observer.
func (c *crowd) ObserveGate(_, _, _ string, _ int) {}

// ObserveJob implements ontap.Observer.
func (c *crowd) ObserveJob(_, _ string) {}

func newCrowd(clusters ...string) *crowd {
	GinkgoHelper()
	c := &crowd{
		world: newWorld(clusters...), again: lifecycle.NewRateLimiter[string](), sent: map[string][]time.Time{}, records: records{},
	}
	c.use(c.world)
	return c
}

// use has runs go to the storage of a world, whose clusters have the same names and settings.
func (c *crowd) use(storage *world) {
	GinkgoHelper()
	var clients []svm.Cluster
	for _, settings := range storage.config.Clusters {
		client, err := ontap.New(ontap.Config{
			Name: settings.Name, Endpoint: settings.Endpoint, CredentialsDirectory: settings.CredentialsDirectory, CAFile: settings.CAFile,
		}, ontap.Options{Clock: c.clock, Observer: c})
		Expect(err).NotTo(HaveOccurred())
		clients = append(clients, svm.Cluster{Client: client, Settings: settings})
	}
	keeper, err := svm.NewKeeper(svm.Options{
		Clusters: clients, Secrets: seedsecret.NewStore(c.seed), Shoots: contented{}, Status: c.records, Clock: c.clock,
	})
	Expect(err).NotTo(HaveOccurred())
	collectors, err := metrics.New(prometheus.NewRegistry())
	Expect(err).NotTo(HaveOccurred())
	c.actuator, err = lifecycle.NewActuator(lifecycle.Options{
		Reader: c.seed, Shoots: contented{}, Keeper: keeper, Status: &lifecycle.Status{Metrics: collectors}, Clock: c.clock, Config: storage.config,
	})
	Expect(err).NotTo(HaveOccurred())
}

// contented are shoots that have what they need.
type contented struct{ svm.ShootResources }

func (contented) Ensure(svm.ShootContent) func(context.Context) (svm.ShootView, error) {
	return func(context.Context) (svm.ShootView, error) { return svm.ShootView{Bound: true}, nil }
}

// records are those of the Extensions, by namespace.
type records map[string]svm.Record

func (r records) Load(_ context.Context, namespace string) (svm.Record, error) {
	return r[namespace], nil
}

func (r records) Save(_ context.Context, namespace string, status ontapv1alpha1.SVMStatus) error {
	r[namespace] = svm.Record{Status: status, Applied: r[namespace].Applied}
	return nil
}

func (r records) Succeed(_ context.Context, namespace string, applied ontapv1alpha1.SVMState) error {
	r[namespace] = svm.Record{Status: r[namespace].Status, Applied: applied}
	return nil
}

func (r records) Report(context.Context, string, step.Report) error { return nil }

// add makes shoots, whose runs begin some time within the given duration.
func (c *crowd) add(ctx context.Context, count int, within time.Duration) []*member {
	GinkgoHelper()
	for range count {
		number := len(c.shoots) + 1
		s := &member{Shoot: worlds.Shoot{
			World: c.World, Number: number, Name: fmt.Sprintf("shoot%d", number), UID: fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", number),
		}}
		Expect(c.seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace()}})).To(Succeed())
		Expect(s.WriteCluster(ctx, worlds.SeedName)).To(Succeed())
		host := fmt.Sprintf("%d.%d", number/250, 1+number%250)
		config, err := worlds.Raw(&ontapv1alpha1.SVMConfig{
			TypeMeta:      metav1.TypeMeta{APIVersion: ontapv1alpha1.SchemeGroupVersion.String(), Kind: "SVMConfig"},
			ManagementLIF: "10.10." + host, DataLIFs: []string{"10.11." + host, "10.12." + host},
		})
		Expect(err).NotTo(HaveOccurred())
		s.extension = &extensionsv1alpha1.Extension{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace(), Name: "ontap"},
			Spec:       extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{Type: "ontap", ProviderConfig: config}},
		}
		c.shoots = append(c.shoots, s)
	}
	added := c.shoots[len(c.shoots)-count:]
	c.plan(within, added...)
	return added
}

// plan has each of the shoots reconciled once within the given duration.
func (c *crowd) plan(within time.Duration, shoots ...*member) {
	for _, s := range shoots {
		s.due = c.clock.Now().Add(rand.N(within))
		heap.Push(&c.agenda, s)
	}
}

// each does something to each cluster.
func (c *crowd) each(do func(cluster string) error) {
	GinkgoHelper()
	for _, cluster := range c.config.Clusters {
		Expect(do(cluster.Name)).To(Succeed())
	}
}

// forget begins to count requests and runs anew.
func (c *crowd) forget() {
	clear(c.sent)
	for _, s := range c.shoots {
		s.runs = 0
	}
}

func (c *crowd) runs(shoots []*member) (runs int) {
	for _, s := range shoots {
		runs += s.runs
	}
	return runs
}

// pass leaps from one due run to the next, as long as one is due before the given time.
func (c *crowd) pass(ctx context.Context, until time.Time) {
	GinkgoHelper()
	for len(c.agenda) > 0 && c.agenda[0].due.Before(until) {
		s := heap.Pop(&c.agenda).(*member)
		if s.due.After(c.clock.Now()) {
			c.clock.SetTime(s.due)
		}
		s.runs++
		if err := c.actuator.Reconcile(ctx, logr.Discard(), s.extension); err != nil {
			if s.steady {
				Fail("a steady shoot ended in an error: " + err.Error())
			}
			s.due = c.clock.Now().Add(c.again.When(s.Name))
			heap.Push(&c.agenda, s)
			continue
		}
		c.again.Forget(s.Name)
		s.steady = true
	}
}

var _ = Describe("An hour's outage of all clusters with 1,000 shoots", func() {
	It("should take at most 6 requests a shoot and one a cluster each 10 s, fail no steady shoot, and be over with the outage", func(ctx SpecContext) {
		if testing.Short() {
			Skip("takes a minute")
		}
		begun := time.Now()
		tell := func(format string, arguments ...any) {
			AddReportEntry(fmt.Sprintf("%s, after %s", fmt.Sprintf(format, arguments...), time.Since(begun).Round(time.Second)))
		}
		c := newCrowd("a", "b")
		furnish := func(count int) []*member {
			GinkgoHelper()
			made := c.add(ctx, count, time.Minute)
			c.pass(ctx, c.clock.Now().Add(time.Hour))
			Expect(c.agenda).To(BeEmpty())
			return made
		}
		// What an SVM costs the simulator grows with their number. Those that are not looked at any more are elsewhere.
		for range 4 {
			c.use(newWorld("a", "b"))
			furnish(100)
		}
		steady := slices.Clone(c.shoots)
		c.use(c.world)
		robbed := furnish(100)
		tell("%d shoots made", len(c.shoots))

		c.each(func(cluster string) error { return c.sim.SetDown(ctx, cluster) })
		down := c.clock.Now()
		c.add(ctx, 500, time.Minute)
		for _, s := range robbed {
			secret, err := s.SeedSecret(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(c.seed.Delete(ctx, secret)).To(Succeed())
			s.steady = false
		}
		c.plan(time.Minute, robbed...)
		c.plan(time.Hour, steady...)
		c.forget()
		c.pass(ctx, down.Add(time.Hour))
		tell("%d runs sent %d requests", c.runs(c.shoots), len(c.sent["a"])+len(c.sent["b"]))
		Expect(c.runs(steady)).To(Equal(len(steady)), "what has ended well is not repeated")
		Expect(c.runs(c.shoots)).To(BeNumerically(">", 600*3600/125), "and what has failed is, every 80 to 120 seconds")
		probes := 0
		for _, sent := range c.sent {
			for i := range sent {
				if sent[i].Sub(down) > time.Minute {
					probes++
					Expect(sent[i].Sub(sent[i-1])).To(BeNumerically(">=", 10*time.Second))
				}
			}
		}
		Expect(len(c.sent["a"]) + len(c.sent["b"]) - probes).To(BeNumerically("<=", 6*len(c.shoots)))
		Expect(probes).To(BeNumerically(">", 2*300), "or a cluster that answers again is not found")

		c.each(func(cluster string) error { return c.sim.SetUp(ctx, cluster) })
		c.forget()
		c.pass(ctx, down.Add(24*time.Hour))
		tell("%d more runs, and all shoots had what they need", c.runs(c.shoots))
		for _, s := range c.shoots {
			Expect(s.runs).To(BeNumerically("<=", 3))
		}
		state, err := c.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.EverCreated).To(And(HaveLen(len(c.shoots)-len(steady)), HaveEach(1)))
	})
})
