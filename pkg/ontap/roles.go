// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"fmt"
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

// privileges asks for one page: the endpoint has no filters, and more than a page has no role.
func (s *RoleService) privileges(ctx context.Context, ownerUUID, name string) ([]Privilege, error) {
	r := request{method: http.MethodGet, path: privilegesPath, keys: []string{ownerUUID, name}, query: "fields=path,access&max_records=" + pageSize}
	var answer page[Privilege]
	status, err := s.client.call(ctx, r, &answer)
	switch {
	case err != nil:
		return nil, err
	case answer.Records == nil || answer.Links.Next.Href != "" || answer.Error != nil:
		return nil, s.client.unintelligible(r, status, fmt.Errorf("the answer does not hold the privileges of role %q", name))
	}
	return *answer.Records, nil
}
