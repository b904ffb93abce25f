// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver_test

import (
	"context"
	"testing"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
)

func TestAPIServer(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "In-process API server")
}

var _ = apiserver.DescribeSemantics("In-process API server", func(context.Context) client.WithWatch {
	return newServer(testclock.NewFakePassiveClock(time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC)))
})

func newServer(c clock.PassiveClock) client.WithWatch {
	GinkgoHelper()
	scheme := runtime.NewScheme()
	Expect(clientscheme.AddToScheme(scheme)).To(Succeed())
	Expect(extensionsv1alpha1.AddToScheme(scheme)).To(Succeed())
	return apiserver.New(apiserver.Options{Scheme: scheme, Clock: c})
}
