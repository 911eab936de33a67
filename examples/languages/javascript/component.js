// What each language does with its grants: a store, its buckets, and a component that they are lent to.
import { getConsole, getStore, getSummarizer } from "demo:kv/app-grants@0.1.0";

const TEXT = new TextDecoder();
const BYTES = new TextEncoder();

class Runner {
  // What is thrown by a call is its error, and so is what is thrown here. A handle is dropped where its block ends.
  run() {
    const owned = [];
    const own = (handle) => (owned.push(handle), handle);
    try {
      const console = own(getConsole());
      const say = (line) => console.write(BYTES.encode(`${line}\n`));
      const store = own(getStore());
      say(`stored ${store.durability() === "memory" ? "in memory" : "on disk"}`);

      const fruit = own(store.open("fruit"));
      fruit.set("apple", BYTES.encode("red"));
      const found = fruit.get("apple");
      if (found.tag === "found") say(`apple is ${TEXT.decode(found.val.value)}`);
      try {
        fruit.set("melon", new Uint8Array(1024 * 1024 + 1));
      } catch (error) {
        if (error.payload.kind !== "overloaded") throw error;
        say("melon is too large");
      }

      // A bucket of its own: none of its keys are the fruit bucket's.
      const citrus = own(fruit.openSub("citrus"));
      citrus.set("lemon", BYTES.encode("yellow"));
      say(`citrus holds ${keys(citrus).join(" ")}`);

      // The bucket is lent: the summarizer can use it until it answers.
      const summarizer = getSummarizer();
      const summary = summarizer ? own(summarizer).summarize(fruit) : "none";
      say(`summary ${summary}`);
      return { keys: keys(fruit), changes: 0, summary };
    } finally {
      for (const handle of owned.reverse()) handle[Symbol.dispose]();
    }
  }
}

const keys = (bucket) => bucket.list("").map((entry) => entry.key);

export const appExportsRunner = { Runner };
