//! Memory for a module that keeps things from one call to the next.
#![allow(unsafe_code)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]

use core::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::{memory_grow, memory_size},
    cell::UnsafeCell,
    ptr::null_mut,
};

/// Memory in blocks of powers of two, with a list of the free ones for each size. Taking a block and giving it back costs the
/// same however many are in use: with one list for all sizes, which is what small allocators have, a batch of 20,000
/// conversions took a quarter of a minute. A text that grows within its block need not move. Nothing is merged, for what a
/// call has used the next call uses again.
struct Blocks(UnsafeCell<State>);

struct State {
    /// For each size the first free block; a free block begins with the address of the next.
    free: [*mut u8; 32],
    /// Memory that was never used: from here
    start: usize,
    /// to here.
    end: usize,
}

const PAGE: usize = 65_536;

#[global_allocator]
static BLOCKS: Blocks = Blocks(UnsafeCell::new(State { free: [null_mut(); 32], start: 0, end: 0 }));

// SAFETY: wasm32-unknown-unknown without the atomics feature has one thread.
unsafe impl Sync for Blocks {}

// SAFETY: a block is at least as large as what is asked for; it is in one hand at a time, for it leaves its list when it is
// taken. It begins at a multiple of 16, because memory does and every size is one: nothing here wants more than that.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let state = unsafe { &mut *self.0.get() };
        let power = power(layout.size());
        match state.free.get_mut(power) {
            Some(free) if free.is_null() => state.unused(1 << power),
            Some(free) => {
                let block = *free;
                *free = unsafe { block.cast::<*mut u8>().read() };
                block
            }
            None => null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let state = unsafe { &mut *self.0.get() };
        if let Some(free) = state.free.get_mut(power(layout.size())) {
            unsafe { block.cast::<*mut u8>().write(*free) };
            *free = block;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if power(size) == power(layout.size()) {
            return block;
        }
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

/// The power of two that holds so many bytes: 16 at least.
fn power(size: usize) -> usize {
    (usize::BITS - (size.max(16) - 1).leading_zeros()) as usize
}

impl State {
    fn unused(&mut self, size: usize) -> *mut u8 {
        if self.end.wrapping_sub(self.start) < size {
            // A part of what there is already, so that memory grows seldom: in plain JavaScript it is copied each time.
            let pages = size / PAGE + 1 + memory_size(0) / 8;
            let before = memory_grow(0, pages);
            if before == usize::MAX {
                return null_mut();
            }
            let start = before.wrapping_mul(PAGE);
            if start != self.end {
                self.start = start;
            }
            self.end = start.wrapping_add(pages.wrapping_mul(PAGE));
        }
        let block = self.start;
        self.start = block.wrapping_add(size);
        block as *mut u8
    }
}
