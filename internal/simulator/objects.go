package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// collection is where the objects of a family are: below their parent, if they have one,
// which must be there.
func (c *call) collection(f *family) (string, *apiError) {
	owner, rest, nested := strings.Cut(f.path, "/{parent}")
	if !nested {
		return f.path, nil
	}
	if _, ok := c.res.objects.get(owner, c.object); !ok {
		return "", objectNotFound(owner, c.object)
	}
	return owner + "/" + c.object + rest, nil
}

func objectNotFound(collection, id string) *apiError {
	return modelError(http.StatusNotFound, "No object with id '"+id+"' was found in "+collection+".",
		"invalid_request_error", "", "")
}

// found is the object of the path and its collection.
func (c *call) found(f *family) (object, *apiError) {
	if err := c.applyFault(); err != nil {
		return object{}, err
	}
	collection, err := c.collection(f)
	if err != nil {
		return object{}, err
	}
	o, ok := c.res.objects.get(collection, c.child)
	if !ok {
		return object{}, objectNotFound(f.path, c.child)
	}
	return o, nil
}

// createObject answers POST on a collection. An object has the members of its request.
func (c *call) createObject(f *family) *apiError {
	in, content, err := c.objectBody(f)
	if err != nil {
		return err
	}
	if f.named {
		err = c.locate(in.str("model"))
	} else {
		err = c.applyFault()
	}
	if err != nil {
		return err
	}
	collection, err := c.collection(f)
	if err != nil {
		return err
	}
	for _, name := range f.needs {
		if !in.has(name) {
			in.missing(name)
		}
	}
	if f.id != "" {
		in.str(f.id)
	}
	if id := in.str("input_file_id"); id != "" {
		if _, ok := c.res.objects.get("files", id); !ok {
			in.fail(invalid("input_file_id", "", "The provided input file could not be found."))
		}
	}
	if in.err != nil {
		return in.err
	}
	if f.items != "" {
		return c.createItems(f, collection, in)
	}
	o := c.newObject(f, collection, in.raw, content)
	status := http.StatusOK
	if f.path == "batches" && c.style == styleV1 {
		status = http.StatusCreated
	}
	return c.json(status, o.members)
}

// objectBody reads what an object is made of: JSON, or a form with a file. A body may be
// missing where nothing is needed.
func (c *call) objectBody(f *family) (*fields, *formFile, *apiError) {
	if f.form {
		form, err := c.form()
		if err != nil {
			return nil, nil, err
		}
		in := form.fields()
		files := form.filesOf("file")
		if len(files) == 0 {
			in.missing("file")
			return in, nil, nil
		}
		if f.path == "files" && in.str("purpose") == "" {
			in.missing("purpose")
		}
		return in, &files[0], nil
	}
	if c.r.ContentLength == 0 && len(f.needs) == 0 {
		return &fields{raw: map[string]json.RawMessage{}}, nil, nil
	}
	in, err := c.fields()
	return in, nil, err
}

// newObject makes and stores an object.
func (c *call) newObject(f *family, collection string, members map[string]json.RawMessage, file *formFile) *object {
	o := &object{collection: collection, id: c.id(f.prefix, 24), members: map[string]any{}, size: c.rec.BodyBytes}
	for name, v := range members {
		o.members[name] = v
	}
	if f.id != "" {
		o.id, _ = unquote(members[f.id])
	}
	o.members["id"], o.members["object"], o.members["created_at"] = o.id, f.object, c.sim.now().Unix()
	if f.object == "list" { // an item of a conversation
		delete(o.members, "object")
	}
	if f.begins != "" {
		o.members["status"] = f.begins
	}
	if file != nil {
		o.content = file.data
		o.members["filename"], o.members["bytes"] = file.name, len(file.data)
	}
	c.res.objects.put(o)
	return o
}

// createItems makes an object of each item and answers with their list.
func (c *call) createItems(f *family, collection string, in *fields) *apiError {
	list := []any{}
	for i, raw := range in.array(f.items, 20) {
		item := in.item(f.items, i, raw)
		if in.fail(item.err); in.err != nil {
			break
		}
		list = append(list, c.newObject(f, collection, item.raw, nil).members)
	}
	if in.err != nil {
		return in.err
	}
	return c.json(http.StatusOK, map[string]any{"object": "list", "data": list, "has_more": false})
}

// listObjects answers with all of a collection in one page.
func (c *call) listObjects(f *family) *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	collection, err := c.collection(f)
	if err != nil {
		return err
	}
	data := []any{}
	page := map[string]any{"object": "list", "has_more": false, "first_id": nil, "last_id": nil}
	for _, o := range c.res.objects.list(collection) {
		data = append(data, o.members)
		if page["first_id"] == nil {
			page["first_id"] = o.id
		}
		page["last_id"] = o.id
	}
	page["data"] = data
	return c.json(http.StatusOK, page)
}

// getObject answers with an object; what was at work when it was made is done by now.
func (c *call) getObject(f *family) *apiError {
	o, err := c.found(f)
	if err != nil {
		return err
	}
	if f.ends != "" && o.members["status"] == f.begins {
		o.members = with(o.members, "status", f.ends)
		c.res.objects.set(o.collection, o.id, o.members)
	}
	return c.json(http.StatusOK, o.members)
}

// updateObject takes over the members of the request.
func (c *call) updateObject(f *family) *apiError {
	in, err := c.fields()
	if err != nil {
		return err
	}
	o, err := c.found(f)
	if err != nil {
		return err
	}
	members := maps.Clone(o.members)
	for name, v := range in.raw {
		if name != "id" && name != "object" && name != "status" {
			members[name] = v
		}
	}
	c.res.objects.set(o.collection, o.id, members)
	return c.json(http.StatusOK, members)
}

func (c *call) deleteObject(f *family) *apiError {
	o, err := c.found(f)
	if err != nil {
		return err
	}
	c.res.objects.remove(o.collection, o.id)
	return c.json(http.StatusOK, map[string]any{"id": o.id, "object": f.object + ".deleted", "deleted": true})
}

func (c *call) cancelObject(f *family) *apiError {
	o, err := c.found(f)
	if err != nil {
		return err
	}
	if o.members["status"] != f.begins {
		status, _ := o.members["status"].(string)
		return modelError(http.StatusConflict, "Cannot cancel an object with status '"+status+"'.",
			"invalid_request_error", "", "")
	}
	members := with(o.members, "status", "cancelled")
	c.res.objects.set(o.collection, o.id, members)
	return c.json(http.StatusOK, members)
}

func (c *call) objectContent(f *family) *apiError {
	o, err := c.found(f)
	if err != nil {
		return err
	}
	if f.content != "" {
		c.write(http.StatusOK, f.content, []byte("\x00\x00\x00\x18ftypmp42"+o.id))
		return nil
	}
	c.write(http.StatusOK, "application/octet-stream", o.content)
	return nil
}

// with is the members with one of them another.
func with(members map[string]any, name string, v any) map[string]any {
	out := maps.Clone(members)
	out[name] = v
	return out
}

// clientSecret makes an ephemeral key for a realtime session. Nothing takes it: there are
// no sockets here.
func (c *call) clientSecret() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	model := f.str("model")
	f.within("session", func(in *fields) { model = in.str("model") })
	if err := c.locate(model); err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"value": c.hexID("ek_", 16), "expires_at": c.sim.now().Unix() + 600,
		"session": map[string]any{"type": "realtime", "object": "realtime.session", "model": model}})
}

// storeChat keeps an answer for the routes of stored chats, when its request asks for it.
func (c *call) storeChat(id string, answer any) {
	var members map[string]any
	if json.Unmarshal(marshal(answer), &members) == nil {
		c.res.objects.put(&object{collection: "chat/completions", id: id, members: members, size: c.rec.BodyBytes})
	}
}
