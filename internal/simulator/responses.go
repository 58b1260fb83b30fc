package simulator

type responseStore struct{}

func responseRoutes() []operation { return nil }
