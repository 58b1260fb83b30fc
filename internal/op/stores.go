package op

const (
	container     Kind = "container"
	containerFile Kind = "container.file"
	vectorStore   Kind = "vector_store"
	fileBatch     Kind = "vector_store.file_batch"
)

func containers() family {
	return family{"containers", true, []Unit{
		kept("GET", "containers"),
		kept("POST", "containers").makes(container),
		kept("GET DELETE", "containers/{id}", container),
		kept("GET", "containers/{id}/files", container),
		kept("POST", "containers/{id}/files", container).makes(containerFile),
		kept("GET DELETE", "containers/{id}/files/{id}", container, containerFile),
		kept("GET", "containers/{id}/files/{id}/content", container, containerFile),
	}}
}

func vectorStores() family {
	return family{"vector_stores", true, []Unit{
		kept("GET", "vector_stores"),
		kept("POST", "vector_stores").makes(vectorStore),
		kept("GET POST DELETE", "vector_stores/{id}", vectorStore),
		kept("POST", "vector_stores/{id}/search", vectorStore),
		kept("GET POST", "vector_stores/{id}/files", vectorStore),
		kept("GET POST DELETE", "vector_stores/{id}/files/{id}", vectorStore, file),
		kept("GET", "vector_stores/{id}/files/{id}/content", vectorStore, file),
		kept("POST", "vector_stores/{id}/file_batches", vectorStore).makes(fileBatch),
		kept("GET", "vector_stores/{id}/file_batches/{id}", vectorStore, fileBatch),
		kept("POST", "vector_stores/{id}/file_batches/{id}/cancel", vectorStore, fileBatch),
		kept("GET", "vector_stores/{id}/file_batches/{id}/files", vectorStore, fileBatch),
	}}
}
