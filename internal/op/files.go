package op

const (
	file   Kind = "file"
	upload Kind = "upload"
	part   Kind = "upload.part"
	batch  Kind = "batch"
)

func files() family {
	return family{"files", true, []Unit{
		kept("GET", "files"),
		kept("POST", "files").makes(file),
		kept("POST", "files/import").makes(file),
		kept("GET DELETE", "files/{id}", file),
		kept("GET", "files/{id}/content", file),
	}}
}

func uploads() family {
	return family{"uploads", true, []Unit{
		kept("POST", "uploads").makes(upload),
		kept("GET", "uploads/{id}", upload),
		kept("POST", "uploads/{id}/parts", upload).makes(part),
		kept("POST", "uploads/{id}/complete", upload).makes(file),
		kept("POST", "uploads/{id}/cancel", upload),
	}}
}

func batches() family {
	return family{"batches", true, []Unit{
		kept("GET", "batches"),
		kept("POST", "batches").starts().makes(batch),
		kept("GET", "batches/{id}", batch),
		kept("POST", "batches/{id}/cancel", batch),
	}}
}
