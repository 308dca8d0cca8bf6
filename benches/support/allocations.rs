//! Counts what each thread allocates: the benchmark's global allocator, the system's with counters.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    fs,
    sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counters of one thread, on a cache line of their own so that counting disturbs nobody.
#[repr(align(64))]
struct Slot {
    thread: AtomicU32,
    allocations: AtomicU64,
    allocated: AtomicU64,
    freed: AtomicU64,
}

/// Far more threads than a run starts. Those past it share the last slot.
const SLOTS: usize = 4096;
static SLOT: [Slot; SLOTS] = [const {
    Slot {
        thread: AtomicU32::new(0),
        allocations: AtomicU64::new(0),
        allocated: AtomicU64::new(0),
        freed: AtomicU64::new(0),
    }
}; SLOTS];
static USED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN: Cell<usize> = const { Cell::new(usize::MAX) };
}

fn slot() -> &'static Slot {
    let own = OWN.get();
    if own < SLOTS {
        return &SLOT[own];
    }
    let own = USED.fetch_add(1, Relaxed).min(SLOTS - 1);
    OWN.set(own);
    SLOT[own].thread.store(thread(), Relaxed);
    &SLOT[own]
}

/// This thread as `/proc/self/task` names it.
fn thread() -> u32 {
    #[expect(unsafe_code, reason = "the standard library does not tell the kernel's thread number")]
    // SAFETY: it takes nothing and cannot fail.
    let thread = unsafe { libc::gettid() };
    thread.unsigned_abs()
}

#[expect(unsafe_code, reason = "an allocator is an unsafe trait; there is no other way to count")]
// SAFETY: every call goes to the system's allocator with the arguments it came with; the counters
// allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let slot = slot();
        slot.allocations.fetch_add(1, Relaxed);
        slot.allocated.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: the caller keeps the contract of this same function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        slot().freed.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: as above, and `memory` came from the system's allocator.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let slot = slot();
        slot.allocations.fetch_add(1, Relaxed);
        slot.allocated.fetch_add(size as u64, Relaxed);
        slot.freed.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// Allocations that the living threads of this name have made.
pub(crate) fn allocations(name: &str) -> u64 {
    let named = |slot: &&Slot| {
        let comm =
            fs::read_to_string(format!("/proc/self/task/{}/comm", slot.thread.load(Relaxed)));
        comm.is_ok_and(|comm| comm.trim() == name)
    };
    let used = USED.load(Relaxed).min(SLOTS);
    SLOT[..used].iter().filter(named).map(|slot| slot.allocations.load(Relaxed)).sum()
}

/// Bytes on the heap now, all threads.
pub(crate) fn on_heap() -> u64 {
    let used = &SLOT[..USED.load(Relaxed).min(SLOTS)];
    let sum = |of: fn(&Slot) -> &AtomicU64| -> u64 {
        used.iter().map(|slot| of(slot).load(Relaxed)).sum()
    };
    sum(|slot| &slot.allocated).saturating_sub(sum(|slot| &slot.freed))
}
