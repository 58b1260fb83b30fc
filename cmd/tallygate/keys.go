package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
)

func keysCommand() *cobra.Command {
	c := family(&cobra.Command{Use: "keys", Short: "Make API keys for callers, and digests of them"})
	c.AddCommand(keysGenerateCommand(), keysDigestCommand())
	return c
}

// madeKey is a key and what stands in its place in a configuration.
type madeKey struct {
	Name   string `json:"name,omitempty"`
	Key    string `json:"key"`
	Digest string `json:"digest"`
	// ID is what the ledger has of it.
	ID string `json:"id"`
}

// maxKeys is the most keys made at once.
const maxKeys = 10_000

func keysGenerateCommand() *cobra.Command {
	var n int
	var name, output string
	c := &cobra.Command{
		Use: "generate", Short: "Make keys that nobody can guess", Args: noArgs,
		Long: "Makes keys of 130 random bits, and shows each with its digest, and what to paste\n" +
			"into the configuration. Give a key to whoever uses it, and keep only its digest:\n" +
			"nobody can tell the key from that, the gateway neither. Names of keys show in\n" +
			"usage --by key.",
		Example: "  tallygate keys generate --name alice\n  tallygate keys generate -n 30 -o json > keys.json",
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case n < 1 || n > maxKeys:
				return console.Usagef("--number: %d is not from 1 to %s", n, console.Grouped(maxKeys))
			case name != "" && !keyName.MatchString(name):
				return console.Usagef("--name: %q is no name: use up to 100 letters, digits and . _ - without spaces", name)
			}
			made := make([]madeKey, n)
			for i := range made {
				made[i] = newKey(numbered(name, i, n))
			}
			if output == "json" {
				return console.JSON(c.OutOrStdout(), struct {
					Keys []madeKey `json:"keys"`
				}{made})
			}
			return writeKeys(c.OutOrStdout(), made)
		},
	}
	c.Flags().IntVarP(&n, "number", "n", 1, "`keys` to make")
	c.Flags().StringVar(&name, "name", "", "`name` of the key in reports; of several, -1, -2 … stand behind it")
	outputFlag(c, &output, "json")
	return c
}

// keyName is what is surely a name in a configuration, and needs no quotes there.
var keyName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,99}$`)

// numbered is the name of the i-th of n keys.
func numbered(name string, i, n int) string {
	if name == "" || n == 1 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

// newKey makes a key. It has no upper case, and nothing that a shell or YAML would read
// otherwise.
func newKey(name string) madeKey { return keyOfText(name, "tg-"+strings.ToLower(rand.Text())) }

func keyOfText(name, key string) madeKey {
	k := config.Key{Name: name, Secret: config.Secret(key)}
	return madeKey{Name: name, Key: key, Digest: k.Digest(), ID: k.ID()}
}

// writeKeys prints keys to be handed out, and what to paste.
func writeKeys(w io.Writer, made []madeKey) error {
	for _, k := range made {
		if k.Name != "" {
			fmt.Fprintf(w, "name    %s\n", k.Name)
		}
		fmt.Fprintf(w, "key     %s\ndigest  %s\n\n", k.Key, k.Digest)
	}
	_, err := fmt.Fprintf(w, "# Below a caller of the configuration:\n%s", keyLines(made))
	return err
}

// keyLines are the lines of a caller that has these keys, by their digests.
func keyLines(made []madeKey) string {
	var b strings.Builder
	b.WriteString("keys:\n")
	for _, k := range made {
		if k.Name == "" {
			fmt.Fprintf(&b, "  - %s\n", k.Digest)
		} else {
			fmt.Fprintf(&b, "  - name: %s\n    key: %s\n", k.Name, k.Digest)
		}
	}
	return b.String()
}

func keysDigestCommand() *cobra.Command {
	return &cobra.Command{
		Use: "digest", Short: "Print the digest of a key", Args: noKeyWord,
		Long: "Reads a key from its standard input, a line, and prints what may stand in its\n" +
			"place in the configuration: sha256: and its digest. A key that could be guessed\n" +
			"is refused, because its digest would give it away.",
		Example: "  tallygate keys digest < key.txt\n  printenv TEAM_KEY | tallygate keys digest",
		RunE: func(c *cobra.Command, _ []string) error {
			if terminal(c.InOrStdin()) {
				fmt.Fprintln(c.ErrOrStderr(), "Type or paste the key, then Enter. It shows.")
			}
			key, err := readKey(c.InOrStdin())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), keyOfText("", key).Digest)
			return err
		},
	}
}

// noKeyWord refuses a key on the command line without repeating it.
func noKeyWord(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return console.Usagef("the key comes on standard input: all users of a machine can see the words of each other's commands")
}

// readKey reads the only line of r.
func readKey(r io.Reader) (string, error) {
	const most = 4096
	in := bufio.NewReader(io.LimitReader(r, most+1))
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the key: %w", err)
	}
	key := strings.TrimRight(line, "\r\n")
	rest, _ := io.ReadAll(in)
	switch {
	case key == "":
		return "", console.Usagef("there is no key on standard input")
	case len(line)+len(rest) > most || strings.TrimSpace(string(rest)) != "":
		return "", console.Usagef("standard input holds more than one line: give it one key")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", console.Usagef("the key holds a space or another character that is not visible ASCII")
	case strings.HasPrefix(key, "sha256:"):
		return "", console.Usagef("that is a digest already")
	case bits(key) < 128:
		return "", console.Usagef("a key of %d such characters has less than 128 bits: whoever reads its digest could find it by trying. Make one with tallygate keys generate", len(key))
	}
	return key, nil
}

// bits is the most that a key of such characters can have, if each was chosen by chance.
func bits(key string) float64 {
	all := 0
	for _, class := range []struct {
		chars string
		size  int
	}{{"0123456789", 10}, {"abcdef", 6}, {"ghijklmnopqrstuvwxyz", 20}, {"ABCDEF", 6}, {"GHIJKLMNOPQRSTUVWXYZ", 20}} {
		if strings.ContainsAny(key, class.chars) {
			all += class.size
		}
	}
	distinct := make(map[rune]bool)
	other := false
	for _, r := range key {
		distinct[r] = true
		other = other || !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if other {
		all += 32
	}
	if len(distinct) < 8 { // nobody's chance does that
		return 0
	}
	return float64(len(key)) * math.Log2(float64(all))
}
