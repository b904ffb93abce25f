// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package contract holds requests and answers against NetApp's own OpenAPI document of ONTAP's REST API, which
// github.com/metal-stack/ontap-go carries. It is a module of its own, so that nothing of what it needs gets near the product.
//
// Of the document's 1103 definitions 31 require anything, and none forbids anything: as it is, {}, a misspelt field and an
// error all validate. So each object that lists its properties is closed to others, null is no value, and the package looks
// at what a schema cannot say: which status is declared, which way a property may travel, what a list consists of, and what
// the names in a query are names of. Where the document itself is wrong or silent, one table of exceptions says so.
package contract
