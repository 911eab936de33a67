// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"
)

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func main() {
	key, found := os.LookupEnv("KEY")
	if !found {
		key = "none"
	}
	fmt.Println(strings.Join(append([]string{"args"}, os.Args[1:]...), " "))
	fmt.Println("env", key)

	text, err := os.ReadFile("in")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("read %s\n", text)
	counts := map[byte]int{}
	for _, c := range text {
		counts[c]++
	}
	var counted []string
	for c, count := range counts {
		counted = append(counted, fmt.Sprintf("%c%d", c, count))
	}
	sort.Strings(counted)
	if err := os.WriteFile("out", []byte(strings.Join(counted, "")), 0o666); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}

	start := time.Now()
	slept := make(chan bool)
	go func() {
		time.Sleep(time.Millisecond)
		slept <- true
	}()
	<-slept
	fmt.Println("time", one(start.Year() > 2020 && time.Since(start) >= time.Millisecond))
	bytes := make([]byte, 16)
	_, err = rand.Read(bytes)
	sum := 0
	for _, b := range bytes {
		sum += int(b)
	}
	fmt.Println("random", one(err == nil && sum > 0))
	os.Exit(7)
}
