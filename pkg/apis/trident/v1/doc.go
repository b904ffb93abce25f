// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package v1 has what the extension writes and reads of the API that NetApp Trident 26.06 serves in a shoot. Trident's own Go
// types are not importable without its storage drivers.
//
// +k8s:deepcopy-gen=package
// +groupName=trident.netapp.io
package v1
