//! Memory of a module that keeps nothing from one task to the next, but for what is there to stay: the script tag's, and
//! FullStack's, whose instances hold one client each. Nothing is given back piece by piece: the next task begins where the last
//! one did. That spares every function the code that would free what it has used.
#![allow(unsafe_code)]
#![allow(clippy::arithmetic_side_effects)]

use core::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::{memory_grow, memory_size},
    cell::UnsafeCell,
    ptr::null_mut,
};

struct Arena(UnsafeCell<State>);

struct State {
    /// Where memory begins that is taken: 0 before any is.
    base: usize,
    /// Where it is free.
    top: usize,
    /// Tasks under way: one can begin within another, where the caller's own code runs in the midst of it.
    #[cfg(feature = "fullstack-bindings")]
    tasks: usize,
    /// Has a task ended since something was taken? Its answer still stands there.
    is_over: bool,
}

const PAGE: usize = 65_536;

#[global_allocator]
static ARENA: Arena = Arena(UnsafeCell::new(State {
    base: 0,
    top: 0,
    #[cfg(feature = "fullstack-bindings")]
    tasks: 0,
    is_over: false,
}));

// SAFETY: wasm32-unknown-unknown without the atomics feature has one thread.
unsafe impl Sync for Arena {}

/// The task is over: its answer still stands there, but what is taken next begins where it began.
#[cfg(feature = "tag")]
pub fn over() {
    // SAFETY: nobody else holds the state, here and below: there is one thread, and no function that does calls another.
    unsafe { (*ARENA.0.get()).is_over = true };
}

/// A task within which others may begin: what is taken before its end stays.
#[cfg(feature = "fullstack-bindings")]
pub struct Task(());

#[cfg(feature = "fullstack-bindings")]
impl Task {
    pub fn begin() -> Self {
        unsafe { (*ARENA.0.get()).tasks += 1 };
        Task(())
    }
}

#[cfg(feature = "fullstack-bindings")]
impl Drop for Task {
    fn drop(&mut self) {
        let state = unsafe { &mut *ARENA.0.get() };
        state.tasks -= 1;
        state.is_over = state.tasks == 0;
    }
}

/// The end of a task whose traces stay, for as long as the instance does.
#[cfg(feature = "fullstack-bindings")]
pub fn keep() {
    let state = unsafe { &mut *ARENA.0.get() };
    state.base = state.top;
}

// SAFETY: what is taken lies behind all that is, until a task is over. JavaScript reads its answer before it brings the
// arguments of the next, and these are the first that is taken then. Each begins at a multiple of 8: nothing here wants more.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let state = unsafe { &mut *self.0.get() };
        if state.base == 0 {
            // Nobody else makes memory grow: from here on it is ours.
            state.base = memory_size(0) * PAGE;
            state.top = state.base;
        }
        if state.is_over {
            state.is_over = false;
            state.top = state.base;
        }
        let block = state.top;
        let Some(top) = block.checked_add(whole(layout.size())) else { return null_mut() };
        let end = memory_size(0) * PAGE;
        if top > end && memory_grow(0, (top - end) / PAGE + 1) == usize::MAX {
            return null_mut();
        }
        state.top = top;
        block as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return block;
        }
        let state = unsafe { &mut *self.0.get() };
        let is_last = block as usize + whole(layout.size()) == state.top;
        if is_last {
            state.top = block as usize;
        }
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() && !is_last {
                new.copy_from_nonoverlapping(block, layout.size());
            }
            new
        }
    }
}

fn whole(size: usize) -> usize {
    (size + 7) & !7
}
