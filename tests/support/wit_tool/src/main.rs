//! What `wasm-tools component wit [--json] [--all-features] [--features LIST] PATH` prints, by the same crates:
//! wasm-tools itself takes many times as long to build.

use anyhow::{bail, Context, Result};
use wit_component::WitPrinter;
use wit_parser::Resolve;

fn main() -> Result<()> {
    let mut resolve = Resolve::default();
    let (mut json, mut path) = (false, None);
    let mut arguments = std::env::args().skip(1).peekable();
    for command in ["component", "wit"] {
        arguments.next_if_eq(command);
    }
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--all-features" => resolve.all_features = true,
            "--features" => {
                let listed = arguments.next().context("--features: which ones?")?;
                resolve.features.extend(listed.split([',', ' ']).map(str::to_string));
            }
            _ if argument.starts_with('-') => bail!("{argument}: an option that is not known here"),
            _ => path = Some(argument),
        }
    }
    let path = path.context("usage: wit-tool component wit [--json] PATH")?;
    let (main, _) = resolve.push_path(path)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&resolve)?);
    } else {
        let nested: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != main).collect();
        let mut printer = WitPrinter::default();
        printer.print(&resolve, main, &nested)?;
        print!("{}", printer.output);
    }
    Ok(())
}
