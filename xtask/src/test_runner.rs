//! wasm-bindgen's test runner, at the version of Cargo.lock: what `cargo test --target wasm32-unknown-unknown` starts.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
