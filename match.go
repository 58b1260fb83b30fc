package tallygate

// Match reports whether name matches glob, in which * stands for any run of
// characters. Case does not count, as in the names of Azure deployments. It
// allocates nothing.
func Match(glob, name string) bool {
	// Two marks suffice: when a character differs, the latest star takes one more.
	g, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, n
			g++
		case g < len(glob) && lower(glob[g]) == lower(name[n]):
			g++
			n++
		case star >= 0:
			mark++
			g, n = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
