// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the configuration file of gardener-extension-ontap: which ONTAP clusters a seed may use and
// how to reach them. It is decoded strictly: a field it does not know is an error that names the field.
//
// +k8s:deepcopy-gen=package
// +groupName=config.ontap.extensions.gardener.cloud
package v1alpha1
