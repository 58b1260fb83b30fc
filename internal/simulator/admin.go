package simulator

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// adminPrefix is where the admin routes are; no resource has a path there.
const adminPrefix = "/_simulator/"

// serveAdmin answers the admin routes, to those who have their key, and pictures.
func (s *Simulator) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, galleryPrefix) {
		serveGallery(w, r)
		return
	}
	if s.cfg.AdminKey == "" {
		adminError(w, http.StatusNotFound, "the admin routes are closed: the simulator has no admin key")
		return
	}
	key := r.Header.Get("Api-Key")
	if key == "" {
		key, _ = cutBearer(r.Header.Get("Authorization"))
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(s.cfg.AdminKey)) != 1 {
		adminError(w, http.StatusUnauthorized, "the admin key is missing or wrong: send it as api-key")
		return
	}
	route, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, adminPrefix), "/")
	switch r.Method + " " + route {
	case "GET counters":
		s.getCounters(w, rest)
	case "DELETE counters":
		s.ResetCounters()
		w.WriteHeader(http.StatusNoContent)
	case "GET requests":
		s.getRequests(w, rest)
	case "GET faults":
		adminJSON(w, http.StatusOK, s.Faults())
	case "POST faults":
		s.postFault(w, r)
	case "DELETE faults":
		s.deleteFault(w, rest)
	case "POST windows":
		s.ResetWindows()
		w.WriteHeader(http.StatusNoContent)
	case "GET deployments":
		adminJSON(w, http.StatusOK, s.deployments())
	case "PATCH deployments":
		s.patchLimits(w, r, rest)
	default:
		adminError(w, http.StatusNotFound, "there is no "+r.Method+" "+adminPrefix+route)
	}
}

// getCounters shows the counters by deployment, or "total".
func (s *Simulator) getCounters(w http.ResponseWriter, which string) {
	switch which {
	case "":
		adminJSON(w, http.StatusOK, s.Counters())
	case "total":
		adminJSON(w, http.StatusOK, s.Total())
	default:
		adminError(w, http.StatusNotFound, "there are counters and counters/total, not counters/"+which)
	}
}

// getRequests shows the last requests, or the one with an id.
func (s *Simulator) getRequests(w http.ResponseWriter, id string) {
	if id == "" {
		adminJSON(w, http.StatusOK, s.Requests())
		return
	}
	r, ok := s.Request(id)
	if !ok {
		adminError(w, http.StatusNotFound, "none of the last requests has the id "+id)
		return
	}
	adminJSON(w, http.StatusOK, r)
}

func (s *Simulator) postFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !adminRead(w, r, &f) {
		return
	}
	id, err := s.AddFault(f)
	if err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	adminJSON(w, http.StatusCreated, map[string]string{"id": id})
}

func (s *Simulator) deleteFault(w http.ResponseWriter, id string) {
	if id == "" {
		s.ClearFaults()
	} else if !s.RemoveFault(id) {
		adminError(w, http.StatusNotFound, "there is no fault "+id)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// deployments describes every deployment as it is now, by "resource/deployment".
func (s *Simulator) deployments() map[string]Deployment {
	out := map[string]Deployment{}
	s.each(func(r *resource, d *deployment) { out[r.Name+"/"+d.Name] = d.Deployment })
	return out
}

// patchLimits changes the limits that the body names and leaves the others.
func (s *Simulator) patchLimits(w http.ResponseWriter, r *http.Request, names string) {
	resource, name, _ := strings.Cut(names, "/")
	d := s.find(resource, name)
	if d == nil {
		adminError(w, http.StatusNotFound, "there is no deployment "+names)
		return
	}
	d.mu.Lock()
	l := Limits{TPM: d.TPM, RPM: d.RPM, PTU: d.PTU}
	d.mu.Unlock()
	if !adminRead(w, r, &l) {
		return
	}
	if !s.SetLimits(resource, name, l) {
		adminError(w, http.StatusBadRequest, "tpm and ptu must not be negative")
		return
	}
	adminJSON(w, http.StatusOK, l)
}

// adminRead reads a request's JSON, strictly; it answers what is wrong with it.
func adminRead(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil {
		err = decodeStrict(body, v)
	}
	if err != nil {
		adminError(w, http.StatusBadRequest, "read the request: "+err.Error())
	}
	return err == nil
}

func adminJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.Encode(v) // the client may be gone: nothing to do
}

func adminError(w http.ResponseWriter, status int, message string) {
	adminJSON(w, status, map[string]any{"error": map[string]any{"code": status, "message": message}})
}
