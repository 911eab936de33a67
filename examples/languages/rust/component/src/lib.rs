//! What each language does with its grants: a store, its buckets, and a component that they are lent to.

// From the WIT that `capwit generate examples/kv/kv.capnp --out build/kv` makes.
wit_bindgen::generate!({ world: "app", path: "../../../../build/kv/wit", generate_all });

use capwit::bridge::errors::{CapError, ErrorKind};
use capwit::caps::standard::Console;
use demo::kv::app_grants::{get_console, get_store, get_summarizer};
use demo::kv::kv::{Bucket, Durability, Lookup, Report};
use exports::demo::kv::app_exports_runner::{Guest, GuestRunner};

struct Component;

export!(Component);

impl Guest for Component {
    type Runner = Runner;
}

struct Runner;

impl GuestRunner for Runner {
    fn new() -> Self {
        Runner
    }

    // A handle is dropped where its value is.
    fn run(&self) -> Result<Report, CapError> {
        let console = get_console();
        let store = get_store();
        let place = match store.durability()? {
            Durability::Memory => "in memory",
            Durability::Disk => "on disk",
        };
        say(&console, &format!("stored {place}"))?;

        let fruit = store.open("fruit")?;
        fruit.set("apple", b"red")?;
        if let Lookup::Found(entry) = fruit.get("apple")? {
            say(&console, &format!("apple is {}", String::from_utf8_lossy(&entry.value)))?;
        }
        match fruit.set("melon", &vec![0; 1024 * 1024 + 1]) {
            Err(CapError { kind: ErrorKind::Overloaded, .. }) => say(&console, "melon is too large")?,
            other => drop(other?),
        }

        // A bucket of its own: none of its keys are the fruit bucket's.
        let citrus = fruit.open_sub("citrus")?;
        citrus.set("lemon", b"yellow")?;
        say(&console, &format!("citrus holds {}", keys(&citrus)?.join(" ")))?;

        // The bucket is lent: the summarizer can use it until it answers.
        let summary = match get_summarizer() {
            Some(summarizer) => summarizer.summarize(&fruit)?,
            None => "none".into(),
        };
        say(&console, &format!("summary {summary}"))?;
        Ok(Report { keys: keys(&fruit)?, changes: 0, summary })
    }
}

fn say(console: &Console, line: &str) -> Result<(), CapError> {
    console.write(format!("{line}\n").as_bytes())
}

fn keys(bucket: &Bucket) -> Result<Vec<String>, CapError> {
    Ok(bucket.list("")?.into_iter().map(|entry| entry.key).collect())
}
