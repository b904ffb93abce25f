// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package trident keeps what a shoot needs to use its SVM: Trident's API, the credentials, the backend and the storage
// classes. Objects are pure functions of an svm.ShootContent. They reach the shoot through ManagedResources in the seed,
// which gardener-resource-manager applies; the shoot itself is only looked at. It knows nothing of ONTAP's REST API.
package trident
