// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"net/http"
)

const privilegesPath = "/security/roles/{owner.uuid}/{name}/privileges"

// RoleService reads what the cluster credentials may do.
type RoleService struct{ client *Client }

// Role is a named set of privileges.
type Role struct {
	Name       string
	Privileges []Privilege
}

// Own returns the role of the account that the client logs in with. One that ONTAP does not list by name, as that of a group, is an
// error of [KindNotFound].
func (s *RoleService) Own(ctx context.Context) (Role, error) {
	r := request{method: http.MethodGet, path: accountsPath}
	user, err := s.client.access.credentials()
	if err != nil {
		return Role{}, s.client.failure(r, KindDenied, err)
	}
	accounts, err := list[wireAccount](ctx, s.client, accountsPath, accountFields, filter{"name": exact(user.username), "scope": "cluster"})
	if err != nil {
		return Role{}, err
	}
	if len(accounts) != 1 || accounts[0].Name != user.username || accounts[0].Role == "" {
		return Role{}, s.client.failure(r, KindNotFound, errors.New("ONTAP does not list the account of the cluster credentials with a role"))
	}
	role := Role{Name: accounts[0].Role}
	role.Privileges, err = s.privileges(ctx, accounts[0].SVMUUID, role.Name)
	return role, err
}

// privileges are those of a role. The endpoint has no filters.
func (s *RoleService) privileges(ctx context.Context, ownerUUID, name string) ([]Privilege, error) {
	return follow[Privilege](ctx, s.client, request{
		method: http.MethodGet, path: privilegesPath, keys: []string{ownerUUID, name}, query: "fields=path,access&max_records=" + pageSize,
	})
}
