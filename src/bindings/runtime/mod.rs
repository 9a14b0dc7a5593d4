//! What a wasm module without std must bring itself; one with std, a smaller allocator.

#[cfg(any(feature = "tag", feature = "fullstack-bindings"))]
pub mod arena;
#[cfg(not(any(feature = "tag", feature = "fullstack-bindings")))]
mod blocks;

#[cfg(not(feature = "deliver-bindings"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
