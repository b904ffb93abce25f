// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what stands in an Extension resource of type ontap: the providerConfig that the owner of a
// shoot writes, and the providerStatus, condition types and condition reasons that the extension writes.
//
// +k8s:deepcopy-gen=package
// +groupName=ontap.extensions.gardener.cloud
package v1alpha1
