// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package seedsecret keeps the seed secret: the one record, in the shoot's namespace in the seed, of the credentials of
// the shoot's SVM and of the ONTAP cluster chosen for it.
//
// Its one invariant: the secret is the truth and ONTAP follows. It is written before anything exists on ONTAP, and a
// missing or malformed one is replaced by fresh content, never by what ONTAP may still hold. "I could not look" is never
// "it is not there": a read that failed is an Error of KindUnknown and changes nothing. The package knows neither ONTAP
// nor the steps.
package seedsecret
