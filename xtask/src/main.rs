//! Build steps that need Rust.
//!
//! ```text
//! cargo run -p xtask -- bindgen <web|bundler> <module.wasm> <out-dir>
//! ```
//!
//! wasm-bindgen runs here as a library, at the version that Cargo.lock also gives to the crate itself: the two must
//! match exactly, and this way they cannot drift apart. All other steps are the `.mjs` files next to this folder.
use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

const USAGE: &str = "usage: cargo run -p xtask -- bindgen <web|bundler> <module.wasm> <out-dir>";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bindgen", target, module, out] => bindgen(target, module, out),
        _ => bail!(USAGE),
    }
}

/// Writes `glue.js`, `glue.d.ts` and `glue_bg.wasm` for one wasm module.
fn bindgen(target: &str, module: &str, out: &str) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("glue")
        .remove_producers_section(true)
        .remove_name_section(true)
        // Every engine that runs this wasm has `TextEncoder.encodeInto`; no stand-in for it.
        .encode_into(EncodeInto::Always);
    match target {
        // Without the default path the glue holds no `new URL("glue_bg.wasm", import.meta.url)`, which bundlers would chase.
        "web" => bindgen.web(true)?.omit_default_module_path(true),
        // What wasm2js wants: glue that imports the module by name.
        "bundler" => bindgen.bundler(true)?,
        _ => bail!(USAGE),
    };
    bindgen.generate(out).with_context(|| format!("wasm-bindgen on {module}"))
}
