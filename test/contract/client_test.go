// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	_ "github.com/go-openapi/runtime/client"
	_ "github.com/metal-stack/ontap-go/api/client/cluster"
	_ "github.com/metal-stack/ontap-go/api/client/networking"
	_ "github.com/metal-stack/ontap-go/api/client/s_vm"
	_ "github.com/metal-stack/ontap-go/api/client/security"
	_ "github.com/metal-stack/ontap-go/api/models"
)
