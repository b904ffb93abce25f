// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"context"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

var _ = Describe("Access", func() {
	It("should answer every call with an error if no guard has granted it", func(ctx SpecContext) {
		access := reflect.ValueOf(&svm.Access{})
		Expect(access.NumMethod()).To(BeNumerically(">=", 5))
		for i := range access.NumMethod() {
			name, method := access.Type().Method(i).Name, access.Method(i)
			var arguments []reflect.Value
			for j := range method.Type().NumIn() {
				if in := method.Type().In(j); in == reflect.TypeFor[context.Context]() {
					arguments = append(arguments, reflect.ValueOf(ctx))
				} else {
					arguments = append(arguments, reflect.Zero(in))
				}
			}
			var results []reflect.Value
			Expect(func() { results = method.Call(arguments) }).NotTo(Panic(), name)
			Expect(results).NotTo(BeEmpty(), name)
			err, _ := results[len(results)-1].Interface().(error)
			Expect(err).To(MatchError("access to ONTAP without the guard's grant"), name)
			for _, result := range results[:len(results)-1] {
				Expect(result.IsZero()).To(BeTrue(), name)
			}
		}
	})

	It("should have no field that another package could fill in", func() {
		for _, field := range reflect.VisibleFields(reflect.TypeFor[svm.Access]()) {
			if len(field.Index) == 1 {
				Expect(field.IsExported()).To(BeFalse(), field.Name)
			}
		}
	})
})
