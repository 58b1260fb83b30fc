package simulator

import (
	"maps"
	"net/http"
	"slices"
)

func modelRoutes() []operation {
	both := styleResource | styleV1
	return []operation{
		{method: http.MethodGet, path: "models", styles: both, title: "Models_List", serve: (*call).listModels},
		{method: http.MethodGet, path: "models/{id}", styles: both, title: "Models_Get", serve: (*call).getModel},
		{method: http.MethodGet, path: "deployments", styles: styleResource, title: "Deployments_List",
			serve: (*call).listDeployments},
	}
}

// released stands for the day a model came out.
const released = 1_735_689_600 // 2025-01-01

// models returns the models that the resource's deployments are made of, by name.
func (r *resource) models() []model {
	byName := map[string]model{}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, d := range r.byName {
		byName[d.model.full()] = d.model
	}
	out := make([]model, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

// describe is a model in the shape of the style: the resource routes tell what it can
// do, the v1 routes what it is called.
func (c *call) describe(m model) map[string]any {
	if c.style == styleV1 {
		return map[string]any{"id": m.full(), "object": "model", "created": released, "owned_by": "system"}
	}
	return map[string]any{
		"id": m.full(), "object": "model", "status": "succeeded", "created_at": released, "updated_at": released,
		"capabilities": map[string]bool{"fine_tune": false, "inference": true, "completion": m.completes,
			"chat_completion": m.chats, "embeddings": m.embeds},
		"lifecycle_status": "generally-available",
		"deprecation":      map[string]int64{"fine_tune": released + 94_608_000, "inference": released + 94_608_000},
	}
}

// listModels lists the base models, not the deployments.
func (c *call) listModels() *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	list := []any{}
	for _, m := range c.res.models() {
		list = append(list, c.describe(m))
	}
	return c.json(http.StatusOK, map[string]any{"object": "list", "data": list})
}

func (c *call) getModel() *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	for _, m := range c.res.models() {
		if m.full() == c.object || m.name == c.object {
			return c.json(http.StatusOK, c.describe(m))
		}
	}
	return modelError(http.StatusNotFound, "The model '"+c.object+"' does not exist", "invalid_request_error", "", "")
}

// listDeployments is what the first api-versions had; later ones do not know it.
func (c *call) listDeployments() *apiError {
	if c.from("2023-03-16") {
		return resourceNotFound()
	}
	if err := c.applyFault(); err != nil {
		return err
	}
	list := []any{}
	c.res.mu.RLock()
	defer c.res.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(c.res.byName)) {
		d := c.res.byName[name]
		list = append(list, map[string]any{
			"id": d.Name, "object": "deployment", "model": d.Model, "owner": "organization-owner",
			"status": "succeeded", "created_at": released, "updated_at": released,
			"scale_settings": map[string]string{"scale_type": "standard"},
		})
	}
	return c.json(http.StatusOK, map[string]any{"object": "list", "data": list})
}
