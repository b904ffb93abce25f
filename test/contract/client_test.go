// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

//go:build !lint

// The tag keeps the linters out: to analyse the two thousand generated files behind this one takes as long as all else together.

package contract_test

import (
	"context"
	"errors"
	"net/http"
	"path"

	"github.com/go-openapi/runtime"
	httptransport "github.com/go-openapi/runtime/client"
	"github.com/go-openapi/strfmt"
	"github.com/metal-stack/ontap-go/api/client/cluster"
	"github.com/metal-stack/ontap-go/api/client/networking"
	svmclient "github.com/metal-stack/ontap-go/api/client/s_vm"
	"github.com/metal-stack/ontap-go/api/client/security"
	"github.com/metal-stack/ontap-go/api/models"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// generated is the client that go-swagger has made of the document for metal-stack/ontap-go, as far as it is used here.
type generated struct {
	cluster    cluster.ClientService
	svm        svmclient.ClientService
	networking networking.ClientService
	security   security.ClientService
}

// newGenerated logs in as metal-stack does, but trusts the cluster's CA instead of everybody.
func newGenerated(c *simulator.Cluster, username, password string) generated {
	GinkgoHelper()
	transport := httptransport.New(c.Endpoint()[len("https://"):], "/api", []string{"https"})
	connections := &http.Transport{TLSClientConfig: trusting(c)}
	DeferCleanup(connections.CloseIdleConnections)
	transport.Transport = connections
	transport.Consumers["application/hal+json"] = runtime.JSONConsumer()
	transport.DefaultAuthentication = httptransport.BasicAuth(username, password)
	return generated{
		cluster.New(transport, strfmt.Default), svmclient.New(transport, strfmt.Default),
		networking.New(transport, strfmt.Default), security.New(transport, strfmt.Default),
	}
}

// done waits for a job.
func (g generated) done(ctx context.Context, job *models.JobLink) {
	GinkgoHelper()
	Eventually(ctx, func(g2 Gomega) {
		found, err := g.cluster.JobGet(cluster.NewJobGetParamsWithContext(ctx).WithUUID(string(*job.UUID)), nil)
		g2.Expect(err).NotTo(HaveOccurred())
		g2.Expect(found.Payload.Validate(strfmt.Default)).To(Succeed())
		g2.Expect(found.Payload.State).To(HaveValue(Equal(models.JobStateSuccess)))
	}).Should(Succeed())
}

func (g generated) createSVM(ctx context.Context, name string) (uuid string) {
	GinkgoHelper()
	_, accepted, err := g.svm.SvmCreate(svmclient.NewSvmCreateParamsWithContext(ctx).WithInfo(&models.Svm{
		Name: new(name), Comment: new(mark(name)), Nvme: &models.SvmInlineNvme{Enabled: new(true)},
	}), nil)
	Expect(err).NotTo(HaveOccurred())
	g.done(ctx, accepted.Payload.Job)
	uuid = path.Base(accepted.Location)
	found, err := g.svm.SvmGet(svmclient.NewSvmGetParamsWithContext(ctx).WithUUID(uuid), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(found.Payload.Validate(strfmt.Default)).To(Succeed())
	Expect(found.Payload.Name).To(HaveValue(Equal(name)))
	Expect(found.Payload.State).To(HaveValue(Equal(models.SvmStateRunning)))
	Expect(found.Payload.Nvme.Enabled).To(HaveValue(BeTrue()))
	return uuid
}

func (g generated) createLIF(ctx context.Context, svm, name string) (uuid string) {
	GinkgoHelper()
	created, err := g.networking.NetworkIPInterfacesCreate(networking.NewNetworkIPInterfacesCreateParamsWithContext(ctx).
		WithReturnRecords(new(true)).WithInfo(&models.IPInterface{
		Name: new(name), Svm: &models.IPInterfaceInlineSvm{UUID: new(svm)},
		IP:            &models.IPInfo{Address: new(models.IPAddress("10.1.0.1")), Netmask: new(models.IPNetmask("16"))},
		ServicePolicy: &models.IPInterfaceInlineServicePolicy{Name: new("default-data-nvme-tcp")},
		Location: &models.IPInterfaceInlineLocation{
			HomeNode:        &models.IPInterfaceInlineLocationInlineHomeNode{Name: new("a-01")},
			BroadcastDomain: &models.IPInterfaceInlineLocationInlineBroadcastDomain{Name: new("Default")},
		},
	}), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(created.Payload.IPInterfaceResponseInlineRecords).To(HaveLen(1))
	uuid = *created.Payload.IPInterfaceResponseInlineRecords[0].UUID
	found, err := g.networking.NetworkIPInterfaceGet(networking.NewNetworkIPInterfaceGetParamsWithContext(ctx).WithUUID(uuid), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(found.Payload.Validate(strfmt.Default)).To(Succeed())
	Expect(found.Payload.State).To(HaveValue(Equal(models.IPInterfaceStateUp)))
	Expect(found.Payload.IPInterfaceInlineServices).To(ContainElement(HaveValue(Equal(models.IPServiceDataNvmeTCP))))
	return uuid
}

func (g generated) createRole(ctx context.Context, svm, name string) {
	GinkgoHelper()
	created, err := g.security.RoleCreate(security.NewRoleCreateParamsWithContext(ctx).WithInfo(&models.Role{
		Name: new(name), Owner: &models.RoleInlineOwner{UUID: new(svm)}, RoleInlinePrivileges: []*models.RolePrivilege{
			{Path: new("/api/storage/volumes"), Access: models.RolePrivilegeLevelAll.Pointer()},
			{Path: new("/api/cluster"), Access: models.RolePrivilegeLevelReadonly.Pointer()},
			{Path: new("/api/svm/svms"), Access: models.RolePrivilegeLevelReadonly.Pointer()},
		},
	}), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(created.Location).To(HaveSuffix("/security/roles/" + svm + "/" + name))
	found, err := g.security.RoleGet(security.NewRoleGetParamsWithContext(ctx).WithOwnerUUID(svm).WithName(name), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(found.Payload.Validate(strfmt.Default)).To(Succeed())
	Expect(found.Payload.Builtin).To(HaveValue(BeFalse()))
	Expect(found.Payload.RoleInlinePrivileges).To(HaveLen(3))
	Expect(found.Payload.RoleInlinePrivileges[0].Path).To(HaveValue(Equal("/api/storage/volumes")))
}

func (g generated) createAccount(ctx context.Context, svm, name, role string) {
	GinkgoHelper()
	created, err := g.security.AccountCreate(security.NewAccountCreateParamsWithContext(ctx).WithInfo(&models.Account{
		Name: new(name), Owner: &models.AccountInlineOwner{UUID: new(svm)}, Role: &models.AccountInlineRole{Name: new(role)},
		Password: new(strfmt.Password(password)), Comment: new(mark(name)),
		AccountInlineApplications: []*models.AccountApplication{{
			Application: new(models.AccountApplicationApplicationHTTP), AuthenticationMethods: []*string{new("password")},
		}},
	}), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(created.Location).To(HaveSuffix("/security/accounts/" + svm + "/" + name))
	found, err := g.security.AccountGet(security.NewAccountGetParamsWithContext(ctx).WithOwnerUUID(svm).WithName(name), nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(found.Payload.Validate(strfmt.Default)).To(Succeed())
	Expect(found.Payload.Role.Name).To(HaveValue(Equal(role)))
	Expect(found.Payload.Password).To(BeNil())
}

var _ = Describe("The client that go-swagger has made of the document", func() {
	It("should make an SVM with a LIF, a role and an account, use them, and delete all in order", func(ctx SpecContext) {
		c := startSimulator(simulator.ClusterOptions{Name: "a"}).Cluster("a")
		g := newGenerated(c, c.Username(), c.Password())
		svm := g.createSVM(ctx, "s1")
		lif := g.createLIF(ctx, svm, "l1")
		g.createRole(ctx, svm, "volumes")
		g.createAccount(ctx, svm, "x1-abc", "volumes")

		By("logging in with the account, which sees its SVM only")
		g.createSVM(ctx, "s2")
		own := newGenerated(c, "x1-abc", password)
		seen, err := own.svm.SvmCollectionGet(svmclient.NewSvmCollectionGetParamsWithContext(ctx).WithFields([]string{"name", "state"}), nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(seen.Payload.NumRecords).To(HaveValue(BeEquivalentTo(1)))
		Expect(seen.Payload.SvmResponseInlineRecords[0].Name).To(HaveValue(Equal("s1")))

		By("being refused with ONTAP's own code where the order is wrong")
		_, err = g.security.RoleDelete(security.NewRoleDeleteParamsWithContext(ctx).WithOwnerUUID(svm).WithName("volumes"), nil)
		var refused *security.RoleDeleteDefault
		Expect(errors.As(err, &refused)).To(BeTrue())
		Expect(refused.Payload.Error.Code).To(HaveValue(Equal("5636172")))

		By("deleting in order")
		_, err = g.security.AccountDelete(security.NewAccountDeleteParamsWithContext(ctx).WithOwnerUUID(svm).WithName("x1-abc"), nil)
		Expect(err).NotTo(HaveOccurred())
		_, err = g.security.RoleDelete(security.NewRoleDeleteParamsWithContext(ctx).WithOwnerUUID(svm).WithName("volumes"), nil)
		Expect(err).NotTo(HaveOccurred())
		_, err = g.networking.NetworkIPInterfaceModify(networking.NewNetworkIPInterfaceModifyParamsWithContext(ctx).WithUUID(lif).
			WithInfo(&models.IPInterface{Enabled: new(false)}), nil)
		Expect(err).NotTo(HaveOccurred())
		_, err = g.networking.NetworkIPInterfaceDelete(networking.NewNetworkIPInterfaceDeleteParamsWithContext(ctx).WithUUID(lif), nil)
		Expect(err).NotTo(HaveOccurred())
		newClient(c).dropService(svm)
		_, accepted, err := g.svm.SvmDelete(svmclient.NewSvmDeleteParamsWithContext(ctx).WithUUID(svm), nil)
		Expect(err).NotTo(HaveOccurred())
		g.done(ctx, accepted.Payload.Job)
		_, err = g.svm.SvmGet(svmclient.NewSvmGetParamsWithContext(ctx).WithUUID(svm), nil)
		var gone *svmclient.SvmGetDefault
		Expect(errors.As(err, &gone)).To(BeTrue())
		Expect(gone.Payload.Error.Code).To(HaveValue(Equal("4")))
	})
})

// dropService removes the NVMe service of an SVM. That is no part of the life cycle, so no package of the generated client is
// compiled for it.
func (c *client) dropService(svm string) {
	GinkgoHelper()
	c.patch("/protocols/nvme/services/"+svm, content{"enabled": false})
	c.delete("/protocols/nvme/services/" + svm)
}
