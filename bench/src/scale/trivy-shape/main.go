// Reads advisories, one JSON object a line, and writes them as a bbolt file of the shape of Trivy's database version 2: a bucket for each source,
// in it one for each package, in it a record for each vulnerability; details of vulnerabilities in a bucket of their own.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	bolt "go.etcd.io/bbolt"
)

type affected struct {
	Ecosystem  string   `json:"ecosystem"`
	Name       string   `json:"name"`
	Fixed      string   `json:"fixed"`
	Vulnerable []string `json:"vulnerable"`
	Patched    []string `json:"patched"`
	Arches     []string `json:"arches"`
}

type advisory struct {
	ID       string          `json:"id"`
	Detail   json.RawMessage `json:"detail"`
	Affected []affected      `json:"affected"`
}

type record struct {
	FixedVersion       string   `json:",omitempty"`
	VulnerableVersions []string `json:",omitempty"`
	PatchedVersions    []string `json:",omitempty"`
	Arches             []string `json:",omitempty"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func put(tx *bolt.Tx, item advisory) {
	for _, one := range item.Affected {
		source, err := tx.CreateBucketIfNotExists([]byte(one.Ecosystem))
		must(err)
		pkg, err := source.CreateBucketIfNotExists([]byte(one.Name))
		must(err)
		value, err := json.Marshal(record{one.Fixed, one.Vulnerable, one.Patched, one.Arches})
		must(err)
		must(pkg.Put([]byte(item.ID), value))
	}
	details, err := tx.CreateBucketIfNotExists([]byte("vulnerability"))
	must(err)
	must(details.Put([]byte(item.ID), item.Detail))
}

func main() {
	db, err := bolt.Open(os.Args[1], 0o600, &bolt.Options{NoSync: true, NoFreelistSync: true})
	must(err)
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for done := false; !done; {
		must(db.Update(func(tx *bolt.Tx) error {
			for count := 0; count < 5000; count++ {
				line, err := lines.ReadBytes('\n')
				if len(line) == 0 && err != nil {
					done = true
					return nil
				}
				var item advisory
				must(json.Unmarshal(line, &item))
				put(tx, item)
			}
			return nil
		}))
	}
	must(db.Close())
}
