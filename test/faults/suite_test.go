// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gardener-community/gardener-extension-ontap/test/faults"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

func TestFaults(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Faults Suite")
}

var _ = BeforeSuite(func() {
	logf.SetLogger(logr.Discard())
	// The memory of lives is short: collecting it less often is worth a tenth of the time.
	debug.SetGCPercent(800)
})

// newRunner returns one whose worlds begin in the past, where each run of theirs is over by any real clock: Go then starts no
// real timers for the timeouts within a run, with which a machine that stands still for a while would get into the lives. Where
// lives are lived on a kube-apiserver, too, worlds are an hour ahead of that, so that nothing in them was made in their future.
func newRunner() *faults.Runner {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if os.Getenv("FAULTS_SEED_API") != "" {
		began = time.Now().Add(time.Hour)
	}
	return &faults.Runner{Directory: GinkgoT().TempDir(), Began: began, Workers: runtime.GOMAXPROCS(0)}
}

// newRunnerThere is one that lives on a kube-apiserver, if that is asked for, and nil otherwise.
func newRunnerThere(ctx context.Context) *faults.Runner {
	GinkgoHelper()
	where := os.Getenv("FAULTS_SEED_API")
	if where == "" {
		return nil
	}
	Expect(where).To(Equal("landscape"), "FAULTS_SEED_API")
	// Nothing is deleted, nor should it be kept in memory. The rest is for speed.
	seed, err := landscape.StartSeed(ctx, GinkgoWriter, "--watch-cache=false", "--enable-priority-and-fairness=false", "--v=0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(seed.Close()).To(Succeed()) })
	kinds, err := world.SeedScheme()
	Expect(err).NotTo(HaveOccurred())
	there := newRunner()
	there.Workers = 8
	there.Seed, err = client.NewWithWatch(seed.RESTConfig, client.Options{Scheme: kinds})
	Expect(err).NotTo(HaveOccurred())
	return there
}
