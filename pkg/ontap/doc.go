// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package ontap is a client of the ONTAP REST API, as far as this extension needs it. It knows HTTP and ONTAP, and
// nothing of Kubernetes resources, owner marks or the order in which things are done.
//
// One invariant: it never says "absent" unless ONTAP said so. Whatever was not answered, or not answered in ONTAP's
// words, is an [Error] of [KindUnavailable], also a 404 that carries no ONTAP error. And a write is sent at most once:
// one that ends in KindUnavailable may have had its effect, so the caller has to look before it writes again.
//
// Nothing is logged here. Passwords travel as a [Secret] and appear in no error.
//
//	client, err := ontap.New(ontap.Config{Name: "eu1", Endpoint: "https://10.0.0.1", CredentialsDirectory: dir}, ontap.Options{})
//	job, err := client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1", Comment: mark})
//	err = client.Jobs.Wait(ctx, job)
package ontap
