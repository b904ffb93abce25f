// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

type exported struct{ Password ontap.Secret }

type unexported struct{ password ontap.Secret }

var _ = Describe("Secret", func() {
	secret := ontap.NewSecret("hunter2")

	It("should reveal what it holds", func() {
		Expect(secret.Reveal()).To(Equal("hunter2"))
		Expect(secret.IsZero()).To(BeFalse())
		Expect(ontap.Secret{}.Reveal()).To(BeEmpty())
		Expect(ontap.Secret{}.IsZero()).To(BeTrue())
		Expect(ontap.NewSecret("").IsZero()).To(BeTrue())
	})

	DescribeTable("formatting", func(verb string) {
		for _, value := range []any{
			secret, &secret, exported{secret}, &exported{secret}, unexported{secret}, &unexported{secret},
			[]ontap.Secret{secret}, map[string]ontap.Secret{"a": secret},
		} {
			text := fmt.Sprintf(verb, value)
			Expect(text).NotTo(ContainSubstring("hunter2"), "%T", value)
			Expect(text).NotTo(ContainSubstring("68756e746572"), "%T", value)
		}
		Expect(fmt.Sprintf(verb, secret)).To(Equal("[redacted]"))
	},
		Entry("%v", "%v"), Entry("%+v", "%+v"), Entry("%#v", "%#v"), Entry("%s", "%s"), Entry("%q", "%q"),
		Entry("%x", "%x"), Entry("%d", "%d"), Entry("%40s", "%40s"),
	)

	It("should print [redacted] through its methods", func() {
		Expect(secret.String()).To(Equal("[redacted]"))
		Expect(secret.GoString()).To(Equal("[redacted]"))
		Expect(fmt.Errorf("with %v and %w", secret, fmt.Errorf("%s", secret))).To(MatchError("with [redacted] and [redacted]"))
	})

	DescribeTable("logging", func(newLogger func(func(string)) logr.Logger) {
		var out bytes.Buffer
		logger := newLogger(func(text string) { out.WriteString(text) })
		logger.Info("m", "a", secret, "b", exported{secret}, "c", unexported{secret}, "d", &secret)
		logger.Error(fmt.Errorf("%v", secret), "m", "a", secret)
		Expect(out.String()).To(And(ContainSubstring("[redacted]"), Not(ContainSubstring("hunter2"))))
	},
		Entry("as text", func(write func(string)) logr.Logger {
			return funcr.New(func(_, args string) { write(args) }, funcr.Options{})
		}),
		Entry("as JSON", func(write func(string)) logr.Logger { return funcr.NewJSON(write, funcr.Options{}) }),
	)

	DescribeTable("marshalling", func(marshal func(any) ([]byte, error)) {
		for _, value := range []any{secret, &secret, exported{secret}} {
			out, err := marshal(value)
			Expect(err).To(MatchError(ContainSubstring("must not be marshalled")))
			Expect(string(out)).NotTo(ContainSubstring("hunter2"))
		}
	},
		Entry("as JSON", json.Marshal),
		Entry("as YAML", yaml.Marshal),
		Entry("as XML", xml.Marshal),
	)
})
