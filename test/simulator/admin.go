// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// command is the body of those administrative requests that name a cluster.
type command struct {
	Cluster string `json:"cluster"`
	Stage   Stage  `json:"stage,omitempty"`
	Count   int    `json:"count,omitempty"`
	Act     Act    `json:"act,omitzero"`
}

// ServeAdmin serves the controls as JSON over plain HTTP until Close, at the URL that it returns. It knows no secrets. Dial
// is the client.
func (s *Simulator) ServeAdmin() (string, error) {
	listener, err := net.Listen("tcp", cmp.Or(s.options.AdminListen, defaultListen)) //nolint:noctx // returns at once, there is nothing to cancel
	if err != nil {
		return "", fmt.Errorf("listening for administration: %w", err)
	}
	server := &http.Server{Handler: s.adminHandler(), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin != nil {
		return "", errors.Join(errors.New("administration is already served"), listener.Close())
	}
	s.admin = server
	s.serving.Go(func() { _ = server.Serve(listener) }) // ends when Close ends it
	return "http://" + reachedAt(listener, nil), nil
}

func (s *Simulator) adminHandler() http.Handler {
	mux := http.NewServeMux()
	for _, c := range s.controls() {
		mux.HandleFunc(c.Method+" "+c.Path, c.serve)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(adminError{fmt.Sprintf("there is no %s %s; GET / lists what there is", r.Method, r.URL.Path)}) // as in reply
	})
	return mux
}

// accept serves a control that takes a T.
func accept[T any](run func(context.Context, T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var argument T
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&argument)
		if err != nil {
			err = fmt.Errorf("reading the body: %w; GET / has an example of each", err)
		} else {
			err = run(r.Context(), argument)
		}
		reply(w, struct{}{}, err)
	}
}

// show serves a control that returns a T.
func show[T any](look func(*http.Request) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := look(r)
		reply(w, content, err)
	}
}

// adminError is the body of a refused administrative request.
type adminError struct {
	Error string `json:"error"`
}

func reply(w http.ResponseWriter, content any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		content = adminError{err.Error()}
	}
	_ = json.NewEncoder(w).Encode(content) // a client that has gone needs no answer
}
