// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    println!("args {}", args.join(" "));
    println!("env {}", std::env::var("KEY").unwrap_or("none".into()));

    let text = std::fs::read_to_string("in")?;
    println!("read {text}");
    let mut counts = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0) += 1;
    }
    let counted: String = counts.iter().map(|(c, count)| format!("{c}{count}")).collect();
    std::fs::write("out", counted)?;

    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(1));
    let year = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 31_557_600;
    println!("time {}", (year > 50 && start.elapsed() >= Duration::from_millis(1)) as i32);
    let seeds: HashMap<i32, i32> = HashMap::from([(1, 2)]); // its order is drawn from random_get
    println!("random {}", seeds.len());
    std::process::exit(7);
}
