// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// asked is who is told which requests went out.
type asked map[string]bool

func (a asked) ObserveRequest(_, method, path, _ string, _ time.Duration) { a[method+" "+path] = true }

func (asked) ObserveSilence(string, bool) {}

// refusing answers as ONTAP does to what it does not take, with the account of whoever asks for accounts.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	status, content := http.StatusBadRequest, `{"error":{"code":"2","message":"no"}}`
	if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/security/accounts") {
		status, content = http.StatusOK, `{"records":[{"owner":{"uuid":"x"},"name":"`+username+`","role":{"name":"x"}}],"num_records":1}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(content)), Request: r}, nil
}

func (asked) ObserveRefusal(string, bool) {}

func (asked) ObserveGate(_, _, _ string, _ int) {}

func (asked) ObserveJob(string, string) {}

// something is a value of a type in which nothing is empty; each text is the given one.
func something(of reflect.Type, text string) reflect.Value {
	value := reflect.New(of).Elem()
	switch of {
	case reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	case reflect.TypeFor[netip.Addr]():
		return reflect.ValueOf(netip.MustParseAddr("10.0.0.1"))
	case reflect.TypeFor[netip.Prefix]():
		return reflect.ValueOf(netip.MustParsePrefix("10.0.0.1/24"))
	case reflect.TypeFor[ontap.Secret]():
		return reflect.ValueOf(ontap.NewSecret("Secret-123"))
	}
	switch of.Kind() {
	case reflect.String:
		value.SetString(text)
	case reflect.Int, reflect.Int32, reflect.Int64:
		value.SetInt(1)
	case reflect.Slice:
		value = reflect.Append(value, something(of.Elem(), text))
	case reflect.Pointer:
		value = reflect.New(of.Elem())
		value.Elem().Set(something(of.Elem(), text))
	case reflect.Struct:
		for i := range of.NumField() {
			if of.Field(i).IsExported() {
				value.Field(i).Set(something(of.Field(i).Type, text))
			}
		}
	default:
	}
	return value
}

var _ = Describe("Rights", func() {
	It("should be the requests of all methods of the client, no more and no less", func() {
		made := asked{}
		cluster := newCluster()
		client, err := ontap.New(ontap.Config{
			Name: "a", Endpoint: "https://a.invalid", CredentialsDirectory: cluster.config.CredentialsDirectory,
		}, ontap.Options{Observer: made, Transport: refusing{}, Clock: clock.RealClock{}})
		Expect(err).NotTo(HaveOccurred())
		services, calls := reflect.ValueOf(client).Elem(), 0
		for i := range services.NumField() {
			if !services.Type().Field(i).IsExported() {
				continue
			}
			service := services.Field(i)
			for m := range service.NumMethod() {
				for _, text := range []string{"nvme", "iscsi", "nfs"} { // what one of the texts may have to be
					var arguments []reflect.Value
					for a := range service.Method(m).Type().NumIn() {
						arguments = append(arguments, something(service.Method(m).Type().In(a), text))
					}
					service.Method(m).Call(arguments)
					calls++
				}
			}
		}
		Expect(calls).To(BeNumerically(">", 100))
		var requests []string
		for request := range made {
			requests = append(requests, request)
		}
		Expect(requests).To(ConsistOf(ontap.Rights()))
	})

	It("should name commands that multi-admin rules may be for, none of which sets a password", func() {
		Expect(ontap.Commands()).To(ContainElements("vserver create", "vserver delete", "security login create", "security login delete", "network interface delete"))
		Expect(ontap.Commands()).NotTo(ContainElement("security login password"))
	})

	DescribeTable("should need the smallest privilege of a path", func(access string, rights ...string) {
		Expect(ontap.PrivilegesFor(rights)).To(Equal([]ontap.Privilege{{Path: "/api/svm/svms", Access: access}}))
	},
		Entry("to read", "readonly", "GET /svm/svms", "GET /svm/svms/{uuid}"),
		Entry("to make", "read_create", "GET /svm/svms", "POST /svm/svms"),
		Entry("to change", "read_modify", "PATCH /svm/svms/{uuid}"),
		Entry("to make and change", "read_create_modify", "POST /svm/svms", "PATCH /svm/svms/{uuid}"),
		Entry("to delete", "all", "DELETE /svm/svms/{uuid}"),
	)

	DescribeTable("should be allowed by the longest path", func(path, access string, allowed bool) {
		granted := []ontap.Privilege{{Path: "/api/svm", Access: "all"}, {Path: "/api/svm/svms", Access: "readonly"}, {Path: "/api/cluster", Access: "read_create"}}
		Expect(ontap.Allows(granted, ontap.Privilege{Path: path, Access: access})).To(Equal(allowed))
	},
		Entry("that is the path itself", "/api/svm/svms", "readonly", true),
		Entry("also if a shorter one allows more", "/api/svm/svms", "all", false),
		Entry("that it is below", "/api/cluster/nodes", "read_create", true),
		Entry("that it is below, as far as that goes", "/api/cluster/nodes", "read_modify", false),
		Entry("which is none that only begins alike", "/api/clusters", "readonly", false),
		Entry("which is none at all", "/api/storage", "readonly", false),
	)
})
