//! Build steps that need Rust.
//!
//! ```text
//! cargo run -p xtask -- bindgen <plain|arena|asynchronous> <module.wasm> <out-dir>
//! ```
//!
//! wasm-bindgen runs here as a library, at the version that Cargo.lock also gives to the crate itself: the two must
//! match exactly, and this way they cannot drift apart. All other steps are the `.mjs` files next to this folder.
use anyhow::{Context, Result, bail, ensure};
use walrus::{ConstExpr, DataKind, FunctionKind, Module, ModuleConfig, ValType, ir::Value};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

const USAGE: &str = "usage: cargo run -p xtask -- bindgen <plain|arena|asynchronous> <module.wasm> <out-dir>";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bindgen", target, module, out] => bindgen(target, module, out),
        _ => bail!(USAGE),
    }
}

/// Writes `glue.js` and `glue_bg.wasm` for one wasm module. Only what delivery exports needs the glue: what crosses elsewhere
/// is so plain that www/engine.ts and www/instance.ts do with less.
fn bindgen(target: &str, module: &str, out: &str) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("glue")
        .remove_producers_section(true)
        // Every engine that runs this wasm has `TextEncoder.encodeInto`; no stand-in for it.
        .encode_into(EncodeInto::Always);
    // Without the default path the glue holds no `new URL("glue_bg.wasm", import.meta.url)`, which bundlers would chase.
    bindgen.web(true)?.omit_default_module_path(true);
    bindgen.generate(out).with_context(|| format!("wasm-bindgen on {module}"))?;
    let module = format!("{out}/glue_bg.wasm");
    match target {
        "plain" => {
            drop_words(&module, &LAST_WORDS, &[])?;
            name_plainly(&module, &["__wbindgen_free"])
        }
        "arena" => {
            drop_destructors(&module)?;
            drop_words(&module, &LAST_WORDS, &[])?;
            name_plainly(&module, &[])
        }
        "asynchronous" => drop_words(&module, &LAST_WORDS_OF_STD, &MESSAGES),
        _ => bail!(USAGE),
    }
}

/// What JavaScript calls in the core's module and in FullStack's, and their memory; the last in wasm-bindgen's words.
const CALLED: [&str; 4] = ["memory", "ask", "launch", "__wbindgen_malloc"];

/// Renames what crosses to what a person would call it: `__wbg_parseFloat_edabfa574b54e9f4` is `parseFloat`. Exports that are
/// neither in `CALLED` nor in `also` only generated glue would look at: they are dropped.
fn name_plainly(path: &str, also: &[&str]) -> Result<()> {
    let mut config = ModuleConfig::new();
    let mut module =
        config.generate_producers_section(false).parse_file(path).with_context(|| format!("cannot read {path}"))?;
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    for id in exports {
        let export = module.exports.get_mut(id);
        if CALLED.iter().chain(also).any(|name| *name == export.name) {
            export.name = export.name.trim_start_matches("__wbindgen_").to_owned();
        } else {
            module.exports.delete(id);
        }
    }
    walrus::passes::gc::run(&mut module);
    for import in module.imports.iter_mut() {
        let name = import.name.trim_start_matches("__wbg_").trim_start_matches("__wbindgen_");
        import.name = name.rsplit_once('_').map_or(name, |(name, _hash)| name).to_owned();
        import.module = "host".to_owned();
    }
    module.emit_wasm_file(path)
}

/// Functions that run between a panic and its end: they put words together that our panic handler, which traps at once, never
/// reads. References out of data keep all of them.
const LAST_WORDS: [&str; 7] = [
    "::fmt::",
    "::panicking::",
    "slice_error_fail",
    "slice_index_fail",
    "expect_failed",
    "unwrap_failed",
    "do_count_chars",
];

/// The same with std and promises. There errors have messages, and nobody reads those either, but they are put together while
/// work goes on: so formatting writes nothing, and says that all is well.
const LAST_WORDS_OF_STD: [&str; 6] =
    ["::panicking::", "slice_error_fail", "slice_index_fail", "expect_failed", "unwrap_failed", "std::backtrace"];
const MESSAGES: [&str; 1] = ["::fmt::"];

/// A function's name without the hashes of crates, which stand in brackets behind each: `js_sys[84562ee37788330e]::futures`.
fn plain(name: &str) -> String {
    let is_hash = |text: &str| text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut plain = String::new();
    for piece in name.split('[') {
        match piece.split_once(']').filter(|(hash, _)| is_hash(hash)) {
            Some((_, rest)) => plain.push_str(rest),
            None if plain.is_empty() => plain.push_str(piece),
            None => plain.extend(["[", piece]),
        }
    }
    plain
}

/// Empties what gives memory back: an arena takes it back all at once. Of the standard library only what owns memory and does
/// nothing else at its end; none of our own types has an end of its own but the arena's `Task`.
fn drop_destructors(path: &str) -> Result<()> {
    const OWNERS: [&str; 7] = [
        "aftercall::",
        "alloc::boxed::Box<",
        "alloc::string::String",
        "alloc::vec::Vec<",
        "core::option::Option<",
        "[",
        "(",
    ];
    let mut module = ModuleConfig::new().parse_file(path).with_context(|| format!("cannot read {path}"))?;
    let mut emptied = 0;
    for function in module.funcs.iter_mut() {
        let name = plain(function.name.as_deref().unwrap_or_default());
        let only_frees = match name.strip_prefix("core::ptr::drop_glue::<") {
            Some(of) => OWNERS.iter().any(|owner| of.starts_with(owner)) && !name.contains("::arena::"),
            None => {
                let owners = ["<alloc::vec::Vec<", "<alloc::vec::into_iter::IntoIter<", "<alloc::raw_vec::RawVec<"];
                owners.iter().any(|it| name.starts_with(it)) && name.ends_with(" as core::ops::drop::Drop>::drop")
                    || name.ends_with("RawVecInner>::deallocate")
            }
        };
        let FunctionKind::Local(local) = &mut function.kind else { continue };
        if only_frees && module.types.get(local.ty()).results().is_empty() {
            local.builder_mut().func_body().instrs_mut().clear();
            emptied += 1;
        }
    }
    ensure!(emptied > 0, "nothing in {path} gives memory back");
    module.emit_wasm_file(path)
}

/// Makes these functions trap where they begin, which is what they come to; those that format silent; and strips the names.
fn drop_words(path: &str, traps: &[&str], silent: &[&str]) -> Result<()> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false);
    let mut module = config.parse_file(path).with_context(|| format!("cannot read {path}"))?;
    let mut dropped = 0;
    for function in module.funcs.iter_mut() {
        let name = plain(function.name.as_deref().unwrap_or_default());
        let is_one = |words: &[&str]| words.iter().any(|words| name.contains(words));
        let FunctionKind::Local(local) = &mut function.kind else { continue };
        // A `fmt::Result` is one number, 0 where all is well; what returns anything else only fails or prepares.
        let formats = is_one(silent) && module.types.get(local.ty()).results() == [ValType::I32];
        if !formats && !is_one(traps) {
            continue;
        }
        let mut body = local.builder_mut().func_body();
        body.instrs_mut().clear();
        if formats {
            body.i32_const(0);
        } else {
            body.unreachable();
        }
        dropped += 1;
    }
    // Names that changed with a compiler would otherwise cost bytes in silence.
    ensure!(dropped > 0, "not one of the functions {traps:?} is in {path}");
    walrus::passes::gc::run(&mut module);
    drop_places(&mut module);
    module.emit_wasm_file(path)
}

/// Empties what panics would say about where they are: paths of source files, each with an end of its own, and the places
/// that refer to them, with line and column. Zeros cost nothing on the way.
fn drop_places(module: &mut Module) {
    let ids: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    let mut paths = Vec::new();
    for id in &ids {
        let data = module.data.get_mut(*id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { continue };
        for start in 0..data.value.len() {
            let rest = &data.value[start..];
            let length = rest.iter().position(|byte| *byte == 0).unwrap_or(0);
            let is_path = ["/rustc/", "src/", "cargo/registry/"].iter().any(|root| rest.starts_with(root.as_bytes()));
            if is_path && rest[..length].ends_with(b".rs") {
                data.value[start..start + length].fill(0);
                paths.push([base + start as i32, length as i32].map(i32::to_le_bytes).concat());
            }
        }
    }
    for id in ids {
        let data = module.data.get_mut(id);
        for start in (0..data.value.len().saturating_sub(15)).step_by(4) {
            if paths.iter().any(|path| data.value[start..].starts_with(path)) {
                data.value[start..start + 16].fill(0);
            }
        }
    }
}
