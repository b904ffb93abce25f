// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// scenario is a part of a shoot's life: what comes before it, the run in which something fails, and what must be true
// once it has been repeated often enough.
type scenario struct {
	name    string
	prepare func(context.Context, *shoot)
	run     func(context.Context, *shoot) error
	repeat  func(context.Context, *shoot) error
	verify  func(*shoot, context.Context)
	// writes are all writes to ONTAP that the run sends, by method and path.
	writes []string
}

func scenarios() []scenario {
	reconcile := func(ctx context.Context, s *shoot) error { return s.reconcile(ctx) }
	made := func(ctx context.Context, s *shoot) { Expect(s.reconcile(ctx)).To(Succeed()) }
	remove := func(ctx context.Context, s *shoot) error { return s.delete(ctx) }
	// An Extension that is gone is deleted: that was the last thing to do.
	again := func(ctx context.Context, s *shoot) error { return s.run(ctx) }
	return []scenario{
		{"a create", func(context.Context, *shoot) {}, reconcile, reconcile, (*shoot).expectInPlace, []string{
			"POST /svm/svms", "POST /network/ip/interfaces", "POST /network/ip/interfaces", "POST /network/ip/interfaces",
			"POST /security/accounts", "PATCH /security/accounts/{owner.uuid}/{name}",
		}},
		{"a steady run", made, reconcile, reconcile, (*shoot).expectInPlace, nil},
		{"the healing of a lost seed secret", func(ctx context.Context, s *shoot) {
			made(ctx, s)
			Expect(s.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		}, reconcile, reconcile, (*shoot).expectInPlace, []string{
			"POST /security/accounts", "PATCH /security/accounts/{owner.uuid}/{name}", "DELETE /security/accounts/{owner.uuid}/{name}",
		}},
		{"a deletion", made, remove, again, (*shoot).expectGone, []string{
			"PATCH /svm/svms/{uuid}", "DELETE /security/accounts/{owner.uuid}/{name}",
			"PATCH /network/ip/interfaces/{uuid}", "DELETE /network/ip/interfaces/{uuid}", "PATCH /network/ip/interfaces/{uuid}",
			"DELETE /network/ip/interfaces/{uuid}", "PATCH /network/ip/interfaces/{uuid}", "DELETE /network/ip/interfaces/{uuid}",
			"PATCH /protocols/nvme/services/{svm.uuid}", "DELETE /protocols/nvme/services/{svm.uuid}", "DELETE /svm/svms/{uuid}",
		}},
	}
}

// worstWorld is a world in which what no document says of ONTAP is what one would rather not have.
func worstWorld() *world {
	GinkgoHelper()
	return newWorldWith(func(o *simulator.Options) {
		o.QueueDuration, o.JobDuration = time.Second, 2*time.Second
		o.Worsen()
	}, "a", "b")
}

// expectInPlace asserts that exactly one SVM was ever made, with the one account that the seed secret names.
func (s *shoot) expectInPlace(ctx context.Context) {
	GinkgoHelper()
	for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
		Expect(s.condition(ctx, conditionType)).To(Equal("True Ready"), conditionType)
	}
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(state.EverCreated).To(And(HaveLen(1), HaveEach(1)))
	Expect(state.LIFsEverCreated).To(And(HaveLen(1), HaveEach(3)))
	Expect(s.lifs(ctx)).To(HaveLen(3))
	Expect(s.svms(ctx)).To(Equal([]string{string(s.secret(ctx).Data["cluster"]) + "/" + s.svmName()}))
	Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
}

// converge repeats the run in new images until it succeeds, at most four times, and verifies.
func (s scenario) converge(ctx context.Context, shoot *shoot) {
	GinkgoHelper()
	var err error
	for range 4 {
		shoot.restart()
		if err = s.repeat(ctx, shoot); err == nil {
			break
		}
	}
	Expect(err).NotTo(HaveOccurred())
	s.verify(shoot, ctx)
}

// fault fails one request to the API server.
type fault string

const (
	none        fault = ""
	beforehand  fault = "refused"
	lostAnswer  fault = "done, and the answer lost"
	processGone fault = "done, and the process gone"
)

// failing counts the requests to the API server, and fails the one with the given number.
func failing(number int, kind fault, kill context.CancelFunc) (interceptor.Funcs, *int) {
	count := 0
	broken := errors.New("injected")
	dead := false
	at := func(write bool, do func() error) error {
		count++
		switch {
		case dead:
			return broken
		case count != number || kind == none:
			return do()
		case kind == beforehand || !write:
			return broken
		}
		if err := do(); err != nil {
			return err
		}
		if kind == processGone {
			dead = true
			kill()
		}
		return broken
	}
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			return at(false, func() error { return c.Get(ctx, key, object, options...) })
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			return at(false, func() error { return c.List(ctx, list, options...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			return at(true, func() error { return c.Create(ctx, object, options...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			return at(true, func() error { return c.Update(ctx, object, options...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			return at(true, func() error { return c.Patch(ctx, object, patch, options...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			return at(true, func() error { return c.Delete(ctx, object, options...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			return at(true, func() error { return c.SubResource(name).Patch(ctx, object, patch, options...) })
		},
	}, &count
}

// It is the small sister of an enumeration of all fault points: one fault a life, at every request to the API servers of seed
// and shoot, and at every write to ONTAP.
var _ = Describe("Every point", func() {
	BeforeEach(func() {
		if testing.Short() {
			Skip("some hundred lives are for make test, not for the inner loop")
		}
	})

	for _, scenario := range scenarios() {
		It("should survive a fault at every request to an API server in "+scenario.name, func(ctx SpecContext) {
			total := scenario.disturb(ctx, 0, none)
			Expect(total).To(BeNumerically(">", 5))
			for number := 1; number <= total; number++ {
				for _, kind := range []fault{beforehand, lostAnswer, processGone} {
					By(fmt.Sprintf("request %d of %d %s", number, total, kind))
					scenario.disturb(ctx, number, kind)
				}
			}
		})

		It("should survive a fault at every write to ONTAP in "+scenario.name, func(ctx SpecContext) {
			Expect(scenario.undisturbedWrites(ctx)).To(Equal(scenario.writes))
			for _, path := range scenario.writes {
				for _, fault := range []simulator.Fault{
					{Kind: simulator.DropBefore}, {Kind: simulator.DropAfterEffect},
					{Kind: simulator.ErrorBefore, Status: 503, Code: "8", Message: "busy"},
					{Kind: simulator.ErrorAfterEffect, Status: 500, Code: "65562", Message: "internal"},
				} {
					_, err := fmt.Sscanf(path, "%s %s", &fault.Method, &fault.Path)
					Expect(err).NotTo(HaveOccurred())
					By(fmt.Sprintf("%s %s", path, fault.Kind))
					w := worstWorld()
					s := w.newShoot(ctx, 1)
					scenario.prepare(ctx, s)
					Expect(w.sim.FailNext(ctx, fault)).To(Succeed())
					err = scenario.run(ctx, s)
					state, stateErr := w.sim.State(ctx)
					Expect(stateErr).NotTo(HaveOccurred())
					Expect(state.PendingFaults).To(BeZero(), "the fault has happened")
					if err != nil {
						scenario.converge(ctx, s)
					} else {
						scenario.verify(s, ctx)
					}
				}
			}
		})
	}
})

// undisturbedWrites returns the writes to ONTAP of a run in which nothing fails, in their order.
func (s scenario) undisturbedWrites(ctx context.Context) []string {
	GinkgoHelper()
	w := worstWorld()
	shoot := w.newShoot(ctx, 1)
	s.prepare(ctx, shoot)
	_, before := w.since(ctx, 0)
	Expect(s.run(ctx, shoot)).To(Succeed())
	entries, _ := w.since(ctx, before)
	var writes []string
	for _, entry := range entries {
		if entry.Class == simulator.Write {
			writes = append(writes, entry.Method+" "+entry.Template)
		}
	}
	return writes
}

// disturb lives the scenario with one fault, and returns how many requests the undisturbed run sends.
func (s scenario) disturb(ctx context.Context, number int, kind fault) int {
	GinkgoHelper()
	w := worstWorld()
	shoot := w.newShoot(ctx, 1)
	s.prepare(ctx, shoot)
	dying, kill := context.WithCancel(ctx)
	defer kill()
	faults, count := failing(number, kind, kill)
	w.FaultsInside = faults
	w.inject(faults)
	err := s.run(dying, shoot)
	total := *count
	Expect(total).To(BeNumerically(">=", number), "the fault has happened")
	w.FaultsInside = interceptor.Funcs{}
	w.inject(interceptor.Funcs{})
	gone := apierrors.IsNotFound(w.seed.Get(ctx, shoot.key(), shoot.emptyExtension()))
	if gone {
		s.verify(shoot, ctx)
		return total
	}
	if err == nil {
		Expect(shoot.condition(ctx, "ShootResourcesReady")).To(Or(Equal("True Ready"), Equal("Unknown ShootUnreachable")), "what could not be seen is said")
	}
	s.converge(ctx, shoot)
	return total
}
