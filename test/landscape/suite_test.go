// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// victimVariable makes this test binary the program that a spec kills.
const victimVariable = "LANDSCAPE_VICTIM"

// victim is what that program tells before it waits to be killed.
type victim struct {
	Directory string
	PIDs      []int
}

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		if err := beVictim(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// beVictim starts a seed, tells about it and waits for its end. It returns only if something went wrong.
func beVictim() error {
	seed, err := landscape.StartSeed(context.Background(), os.Stderr)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(victim{Directory: seed.Directory(), PIDs: seed.PIDs()}); err != nil {
		return err
	}
	select {}
}

func TestLandscape(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Landscape Suite")
}

// seed is the one that specs share. It is started on a thread that ends at once, as any thread of a Go program may.
var seed *landscape.Seed

var _ = BeforeSuite(func(ctx SpecContext) {
	onDyingThread(func() {
		var err error
		seed, err = landscape.StartSeed(ctx, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { Expect(seed.Close()).To(Succeed()) })
	})
})

// onDyingThread runs f on a thread of the operating system that ends with it.
func onDyingThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer GinkgoRecover()
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}
